import { describe, expect, test } from "vitest";
import { Failure } from "../../model/failures.ts";
import { fromSecrets } from "../../services/from-secrets.ts";
import { guard } from "../../services/guard.ts";

describe("guard", () => {
  const failing = (error: unknown) =>
    guard("The service", { act: () => Promise.reject(error as Error) }).act();

  test("a Failure and a value pass as they are", async () => {
    const failure = new Failure("UnknownRun", "There is no run.");
    await expect(failing(failure)).rejects.toBe(failure);
    expect(await guard("x", { add: (a: number, b: number) => Promise.resolve(a + b) }).add(1, 2)).toBe(3);
  });

  test("what an SDK throws becomes ServiceUnavailable: its code, its first line, the rest as cause", async () => {
    const error = Object.assign(new Error("Busy.\nRequestId: 123\nauthorization: Bearer x"), {
      code: "ServerBusy",
    });
    await expect(failing(error)).rejects.toMatchObject({
      code: "ServiceUnavailable",
      message: "The service: ServerBusy: Busy.",
      cause: error,
    });
  });

  test.each([
    ["AuthorizationPermissionMismatch", "This request is not authorized to perform this operation."],
    ["AuthorizationFailed", "The client does not have authorization to perform action."],
    ["UnauthorizedAccess", "Unauthorized access. 'Send' claim(s) are required to perform this operation."],
    ["UnauthorizedRequestError", "Manage,EntityRead claims required for this operation."],
    ["", "Unauthorized access. 'Manage' claim(s) are required to perform this operation."],
  ])("a caller who is known and not let is RoleMissing: %s", async (code, message) => {
    const error = Object.assign(new Error(message), code && { code });
    await expect(failing(error)).rejects.toMatchObject({ code: "RoleMissing" });
  });

  test("a wrong key is not a missing role", async () => {
    const error = Object.assign(new Error("Server failed to authenticate."), {
      code: "AuthenticationFailed",
    });
    await expect(failing(error)).rejects.toMatchObject({ code: "ServiceUnavailable" });
  });

  test("a Failure an SDK wrapped is found again", async () => {
    const failure = new Failure("IdentityUnknown", "No token.");
    const wrapped = new Error("Retries are used up.", { cause: new Error("link", { cause: failure }) });
    await expect(failing(wrapped)).rejects.toBe(failure);
  });

  test("a chain of errors says why each link failed", async () => {
    const chain = new AggregateError([new Error("no network\nstack")], "The chain failed.");
    await expect(failing(chain)).rejects.toMatchObject({
      message: "The service: The chain failed. no network",
    });
  });

  describe("an answer that is gone through item by item", () => {
    const broken = Object.assign(new Error("Gone.\nRequestId: 123"), { code: "NotThere" });
    const openList = () => {
      const state = { closed: false };
      async function* list(): AsyncGenerator<number> {
        try {
          yield await Promise.resolve(1);
          yield 2;
          throw broken;
        } finally {
          state.closed = true;
        }
      }
      return { state, items: guard("The service", { list }).list() };
    };

    test("is guarded between the items too", async () => {
      const seen: number[] = [];
      const readAll = async (): Promise<void> => {
        for await (const item of openList().items) seen.push(item);
      };
      await expect(readAll()).rejects.toMatchObject({
        code: "ServiceUnavailable",
        message: "The service: NotThere: Gone.",
        cause: broken,
      });
      expect(seen).toEqual([1, 2]);
    });

    test("is closed when its reader breaks off, whose error stays as it is", async () => {
      const { state, items } = openList();
      const own = new Error("of the reader");
      const breakOff = async (): Promise<void> => {
        for await (const _item of items) throw own;
      };
      await expect(breakOff()).rejects.toBe(own);
      expect(state.closed).toBe(true);
    });
  });

  test("what is no error at all is still told", async () => {
    await expect(failing("just text")).rejects.toMatchObject({ message: "The service: just text" });
    await expect(failing(undefined)).rejects.toMatchObject({ message: "The service: undefined" });
  });
});

describe("fromSecrets", () => {
  test("makes the client when first needed, and anew only when a secret changed", async () => {
    const values = { UserName: "sa", Password: "one" };
    let made = 0;
    const open = fromSecrets(
      { read: (name) => Promise.resolve(values[name as keyof typeof values]) },
      ["UserName", "Password"],
      (secrets) => ({ number: (made += 1), secrets }),
    );
    expect(made).toBe(0);
    const [first, same] = await Promise.all([open(), open()]);
    expect(first).toBe(same);
    expect(first).toEqual({ number: 1, secrets: { UserName: "sa", Password: "one" } });
    values.Password = "two";
    expect((await open()).secrets.Password).toBe("two");
    expect(made).toBe(2);
  });
});
