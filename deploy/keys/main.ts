import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { setScopeKeys } from "./set-scope-keys.ts";

interface Options {
  readonly app: string;
  readonly out: string;
}

const { app, out } = new Command("npm run keys --")
  .description(
    "New keys for the scopes read, operate and admin, set on every function that a scope may call.",
  )
  .requiredOption("--app <url>", "the Function App, https://{app}.azurewebsites.net")
  .requiredOption("--out <file>", "where to write the keys; it must not exist")
  .addHelpText(
    "after",
    "\nThe master key is read from FUNCTIONS_MASTER_KEY, so that it is in no command line.",
  )
  .parse()
  .opts<Options>();

const masterKey = process.env["FUNCTIONS_MASTER_KEY"];
if (!masterKey) throw new Error("Set FUNCTIONS_MASTER_KEY.");
const newKey = (): string => randomBytes(32).toString("base64url");
const keys = { read: newKey(), operate: newKey(), admin: newKey() };
// Before they are set: keys that work and are known to nobody would be worse than the reverse.
await writeFile(out, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
const opened = await setScopeKeys({ app, masterKey, keys });
for (const [name, scopes] of opened) process.stdout.write(`${name.padEnd(20)} ${scopes.join(" ")}\n`);
