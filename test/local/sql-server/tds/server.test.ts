import { once } from "node:events";
import { Request, TYPES } from "tedious";
import { describe, expect, it } from "vitest";
import { batch, run } from "../support/tedious-client.ts";
import { useScriptedServer } from "../support/use-scripted-server.ts";

const wire = useScriptedServer();

describe("login", () => {
  it("opens a session on the database asked for", async () => {
    await wire.client({ database: "orders" });
    expect(wire.engine.openSessions).toBe(1);
    expect(wire.server.counters.read()).toMatchObject({ logins: 1, connections: { now: 1, peak: 1 } });
  });

  it("refuses a wrong password", async () => {
    await expect(wire.client({ password: "no" })).rejects.toMatchObject({ code: "ELOGIN" });
    expect(wire.server.counters.read()).toMatchObject({ failedLogins: 1, logins: 0 });
  });

  it("refuses a database that does not exist", async () => {
    await expect(wire.client({ database: "missing" })).rejects.toMatchObject({ code: "ELOGIN" });
  });

  it("hands an Entra access token to the engine", async () => {
    const token = "header.payload.signature";
    await wire.client({
      authentication: { type: "azure-active-directory-access-token", options: { token } },
    });
    expect(wire.engine.accessTokens).toEqual([token]);
  });

  it("tells a client with a credential where tokens come from, and takes its token", async () => {
    const scopes: unknown[] = [];
    const credential = {
      getToken: (scope: unknown) => {
        scopes.push(scope);
        return Promise.resolve({ token: "late.token", expiresOnTimestamp: Date.now() + 60_000 });
      },
    };
    await wire.client({ authentication: { type: "token-credential", options: { credential } } });
    expect(wire.engine.accessTokens).toEqual(["late.token"]);
    expect(scopes).toEqual(["https://database.windows.net/.default"]);
  });

  it("agrees on the packet size the client wants", async () => {
    const connection = await wire.client({ options: { packetSize: 16_384 } });
    const { sets } = await batch(connection, "rows 2000");
    expect(sets[0]).toHaveLength(2000);
  });
});

describe("batches", () => {
  it("answers rows with NULLs", async () => {
    const { sets, counts, error } = await batch(await wire.client(), "rows 3");
    expect(error).toBeUndefined();
    expect(sets).toEqual([
      [
        [1, "row 1"],
        [2, "row 2"],
        [3, null],
      ],
    ]);
    expect(counts).toEqual([3]);
  });

  it("counts each statement, with and without rows", async () => {
    const { sets, counts } = await batch(await wire.client(), "statements 3");
    expect(sets).toEqual([[[1]], [[2]], [[3]]]);
    expect(counts).toEqual([1, 11, 1, 12, 1, 13]);
  });

  it("streams many rows over many packets", async () => {
    const { sets } = await batch(await wire.client(), "rows 50000");
    expect(sets[0]).toHaveLength(50_000);
    expect(sets[0]!.at(-1)).toEqual([50_000, "row 50000"]);
  });

  it("tells errors with number, class, line and server, and goes on", async () => {
    const connection = await wire.client();
    const { error, counts } = await batch(connection, "error 208");
    expect(error).toMatchObject({ number: 208, class: 16, lineNumber: 7, serverName: "scripted" });
    expect(counts).toEqual([1, undefined, 2]);
    expect((await batch(connection, "rows 1")).error).toBeUndefined();
  });

  it("tells messages", async () => {
    const connection = await wire.client();
    const messages: string[] = [];
    connection.on("infoMessage", ({ message }) => messages.push(message));
    await batch(connection, "print hello");
    expect(messages).toEqual(["hello"]);
  });

  it("tells a change of database", async () => {
    const connection = await wire.client();
    const changes: unknown[] = [];
    connection.on("databaseChange", (name: unknown) => changes.push(name));
    await batch(connection, "use orders");
    expect(changes).toEqual(["orders"]);
  });

  it("ends the connection after a severity of 20", async () => {
    const connection = await wire.client();
    const ended = new Promise((resolve) => connection.once("end", resolve));
    const { error } = await batch(connection, "error 823 24");
    expect(error).toMatchObject({ number: 823, class: 24 });
    await ended;
  });

  it("names a defect of the engine and ends the connection", async () => {
    const connection = await wire.client();
    const ended = new Promise((resolve) => connection.once("end", resolve));
    const { error } = await batch(connection, "defect");
    expect(error?.message).toContain("TypeError: a defect");
    await ended;
  });
});

describe("procedures", () => {
  it("carries parameters, output parameters and the status", async () => {
    const connection = await wire.client();
    const answer = await run(
      "dbo.double",
      (request) => {
        connection.callProcedure(request);
      },
      (request) => {
        request.addParameter("name", TYPES.NVarChar, "Jöb ✓");
        request.addOutputParameter("amount", TYPES.Int, 21);
      },
    );
    expect(answer).toMatchObject({ sets: [[["Jöb ✓", 21]]], outputs: { amount: 42 }, status: 42 });
  });

  it("answers an error's number as the status", async () => {
    const connection = await wire.client();
    const answer = await run("failing", (request) => {
      connection.callProcedure(request);
    });
    expect(answer.error).toMatchObject({ number: 50001 });
  });

  it("prepares, executes twice and forgets", async () => {
    const connection = await wire.client();
    const results: unknown[] = [];
    const request = new Request("select @x", () => undefined);
    request.addParameter("x", TYPES.Int);
    request.on("row", ([{ value }]: [{ value: unknown }]) => results.push(value));
    const step = async (event: string, act: () => void): Promise<void> => {
      const happened = once(request, event);
      act();
      await happened;
    };
    await step("prepared", () => {
      connection.prepare(request);
    });
    for (const x of [7, 8]) {
      await step("requestCompleted", () => {
        connection.execute(request, { x });
      });
    }
    await step("requestCompleted", () => {
      connection.unprepare(request);
    });
    expect(results).toEqual([7, 8]);
    expect(wire.engine.calls.filter((call) => call === "execute sp_executesql")).toHaveLength(2);
  });
});
