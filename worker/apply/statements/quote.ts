/**
 * A text as T-SQL literal. Only for the product's own words and ids in batches that cannot take parameters (BEGIN
 * TRANSACTION may not stand in `sp_executesql`); anything longer travels as a parameter.
 */
export function toLiteral(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
