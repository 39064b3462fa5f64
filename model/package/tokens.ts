import { scanSql, type SqlPiece } from "./scan-sql.ts";

export interface TokenValues {
  readonly buildDescription: string;
  /** The package's legacy SHA-1, as sbm fills it in. */
  readonly buildPackageHash: string;
  readonly buildFileName: string;
}

const token = /#Build(?:Description|PackageHash|FileName)#/gi;

/**
 * Fills in `#BuildDescription#`, `#BuildPackageHash#` and `#BuildFileName#`, any case. A value is escaped for where it
 * stands, so that a quote in a description cannot end a string; its line breaks become spaces, so that lines keep their
 * numbers and no value adds a `GO`. Hashes are taken before this.
 */
export function replaceTokens(sql: string, values: TokenValues): string {
  // Most scripts have none: do not take them apart for nothing.
  if (sql.search(token) === -1) return sql;
  let replaced = "";
  for (const { kind, start, end } of scanSql(sql)) {
    replaced += sql
      .slice(start, end)
      .replaceAll(token, (found) => escapeFor(kind, toOneLine(valueOf(found, values))));
  }
  return replaced;
}

function valueOf(found: string, values: TokenValues): string {
  switch (found.toLowerCase()) {
    case "#builddescription#":
      return values.buildDescription;
    case "#buildpackagehash#":
      return values.buildPackageHash;
    default:
      return values.buildFileName;
  }
}

const toOneLine = (value: string): string => value.replaceAll(/[\r\n]+/g, " ");

function escapeFor(kind: SqlPiece["kind"], value: string): string {
  switch (kind) {
    case "code":
    case "lineComment":
      return value;
    case "string":
      return value.replaceAll("'", "''");
    case "quotedName":
      return value.replaceAll('"', '""');
    case "bracketedName":
      return value.replaceAll("]", "]]");
    case "blockComment":
      return value.replaceAll("*/", "* /").replaceAll("/*", "/ *");
  }
}
