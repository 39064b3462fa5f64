import type { Cursor } from "./cursor.ts";

/** WITH (FILLFACTOR = 80 …) ON filegroup: how it is stored does not matter here. */
export function skipIndexOptions(cursor: Cursor): { dropExisting: boolean } {
  let dropExisting = false;
  if (cursor.accept("WITH", "FILLFACTOR", "=")) cursor.integer();
  if (cursor.accept("WITH", "(")) {
    for (let depth = 1; depth > 0;) {
      dropExisting ||= cursor.isNext("DROP_EXISTING", "=", "ON");
      const token = cursor.next();
      if (token.kind === "end") throw cursor.unexpected();
      depth += token.value === "(" ? 1 : token.value === ")" ? -1 : 0;
    }
  }
  while (cursor.isOneOf("ON", "TEXTIMAGE_ON") && !isReferentialAction(cursor)) {
    cursor.next();
    cursor.next();
  }
  return { dropExisting };
}

function isReferentialAction(cursor: Cursor): boolean {
  return cursor.isNext("ON", "DELETE") || cursor.isNext("ON", "UPDATE");
}
