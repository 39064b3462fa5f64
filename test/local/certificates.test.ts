import { X509Certificate } from "node:crypto";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { createLocalCertificates, createPrincipalCertificate } from "../../local/certificates.ts";

describe("local certificates", () => {
  test.each(["localhost", "127.0.0.1"])(
    "a server with it is trusted by a client that knows the ca (%s)",
    async (host) => {
      const { ca, key, cert } = await createLocalCertificates();
      const server = createServer({ key, cert }, (_request, response) => response.end("hello"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const status = await new Promise((resolve, reject) => {
        request({ host, port, ca, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
      server.close();
      expect(status).toBe(200);
    },
  );

  test("names the loopback addresses and is signed by the authority", async () => {
    const { ca, cert } = await createLocalCertificates(["*.vault.localhost"]);
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)];
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(server.checkHost("one.vault.localhost")).toBe("*.vault.localhost");
    expect(server.checkIP("::1")).toBe("::1");
    expect(server.checkHost("example.com")).toBeUndefined();
  });

  test("a service principal's certificate is self-signed RSA", async () => {
    const { cert } = await createPrincipalCertificate("worker");
    const certificate = new X509Certificate(cert);
    expect(certificate.subject).toBe("CN=worker");
    expect(certificate.publicKey.asymmetricKeyType).toBe("rsa");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });
});
