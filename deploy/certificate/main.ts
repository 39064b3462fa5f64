import { randomBytes, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import {
  parseThumbprint,
  type Thumbprint,
  toThumbprint,
} from "../../services/identity/certificate/thumbprint.ts";
import { createCertificate } from "./create-certificate.ts";

interface CreateOptions {
  readonly out: string;
  readonly days: number;
  readonly passwordFile?: string;
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const command: Command = new Command("npm run certificate --").description(
  "Certificates of service principals.",
);

command
  .command("create")
  .argument("[name]", "common name, and name of the files", "sqlfleet-worker")
  .description("RSA 4096 key, signing request, self-signed certificate and PFX with password")
  .option("--out <folder>", "where to write", join(".local", "certificates"))
  .option("--days <n>", "how long it is valid", toDays, 365)
  .option("--password-file <path>", "holds the password of the PFX; absent: a random one is made")
  .action(create);
command
  .command("thumbprint")
  .argument("<value>", "thumbprint in hex or base64, or the path of a .crt or .pem file")
  .description("SHA-1 thumbprint in both forms")
  .action(async (value: string) => {
    tellThumbprint(parseThumbprint(value) ?? (await readThumbprint(value)));
  });
await command.parseAsync();

async function create(name: string, { out, days, passwordFile }: CreateOptions): Promise<void> {
  const password = passwordFile
    ? (await readFile(passwordFile, "utf8")).replace(/\r?\n$/, "")
    : randomBytes(24).toString("base64url");
  const made = await createCertificate({ name, password, days, now: new Date(), bits: 4096 });
  await mkdir(out, { recursive: true });
  const path = (extension: string): string => join(out, `${name}.${extension}`);
  // `wx`: a certificate in use is not written over.
  const secret = { mode: 0o600, flag: "wx" };
  await writeFile(path("pfx"), made.pfx, secret);
  await writeFile(path("pfx.pw"), password, secret);
  await writeFile(path("crt"), made.crt);
  await writeFile(path("csr"), made.csr);
  write(`${path("pfx")}     private key and certificate: for the node`);
  write(`${path("pfx.pw")}  its password`);
  write(`${path("crt")}     public value: for the application's registration`);
  write(`${path("csr")}     signing request: for an authority of your own`);
  write(`valid to    ${made.validTo.toISOString()}`);
  tellThumbprint(made.thumbprint);
  write(`On a Batch node the files are named sha1-${made.thumbprint.hex.toLowerCase()}.pfx and .pfx.pw.`);
}

async function readThumbprint(path: string): Promise<Thumbprint> {
  try {
    return toThumbprint(new X509Certificate(await readFile(path)).raw);
  } catch {
    command.error(`'${path}' is neither a thumbprint nor a certificate file.`);
  }
}

function tellThumbprint({ hex, base64 }: Thumbprint): void {
  write(`hex         ${hex}`);
  write(`base64      ${base64}`);
}

function toDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0) return days;
  throw new InvalidArgumentError("It is a whole number from 1 up.");
}
