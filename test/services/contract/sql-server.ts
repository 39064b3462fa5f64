import { describe } from "vitest";
import { cancelling } from "./sql-server/cancelling.ts";
import { errors } from "./sql-server/errors.ts";
import { isolation } from "./sql-server/isolation.ts";
import { locks } from "./sql-server/locks.ts";
import { login } from "./sql-server/login.ts";
import { results } from "./sql-server/results.ts";
import { type SqlServerUnderTest, useServer } from "./sql-server/server-under-test.ts";
import { rights } from "./sql-server/rights.ts";
import { transactions } from "./sql-server/transactions.ts";
import { types } from "./sql-server/types.ts";

/**
 * What the product relies on in SQL Server, seen through the real drivers (`mssql` and `tedious`). Runs against
 * the stand-in and against a real server alike: it makes its own tables, under names of its own, and leaves
 * none behind.
 */
export function sqlServerContract(start: () => Promise<SqlServerUnderTest>): void {
  const server = useServer(start);
  describe("login and encryption", () => {
    login(server);
  });
  describe("results", () => {
    results(server);
  });
  describe("types", () => {
    types(server);
  });
  describe("errors", () => {
    errors(server);
  });
  describe("transactions", () => {
    transactions(server);
  });
  describe("isolation", () => {
    isolation(server);
  });
  describe("cancelling", () => {
    cancelling(server);
  });
  describe("rights", () => {
    rights(server);
  });
  describe("application locks", () => {
    locks(server);
  });
}
