import type { SqlType } from "../../session.ts";
import { formatOffset, local, pad, parseStored } from "./datetime.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

interface Parts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly name: string;
  /** hh:mm:ss */
  readonly time: string;
  /** hh:mm with AM or PM. */
  readonly clock: string;
  /** Without the point, as many digits as the type has; "" for none. */
  readonly fraction: string;
}

/** CONVERT styles (learn.microsoft.com, "Date and time styles"). */
const STYLES: Readonly<Record<number, (parts: Parts) => string>> = {
  100: (p) => `${p.name} ${p.day.replace(/^0/, " ")} ${p.year} ${p.clock}`,
  101: (p) => `${p.month}/${p.day}/${p.year}`,
  102: (p) => `${p.year}.${p.month}.${p.day}`,
  103: (p) => `${p.day}/${p.month}/${p.year}`,
  104: (p) => `${p.day}.${p.month}.${p.year}`,
  105: (p) => `${p.day}-${p.month}-${p.year}`,
  106: (p) => `${p.day} ${p.name} ${p.year}`,
  107: (p) => `${p.name} ${p.day}, ${p.year}`,
  108: (p) => p.time,
  109: (p) =>
    `${p.name} ${p.day.replace(/^0/, " ")} ${p.year} ${p.clock.slice(0, -2)}:${p.time.slice(6)}:${p.fraction}${p.clock.slice(-2)}`,
  110: (p) => `${p.month}-${p.day}-${p.year}`,
  111: (p) => `${p.year}/${p.month}/${p.day}`,
  112: (p) => `${p.year}${p.month}${p.day}`,
  113: (p) => `${p.day} ${p.name} ${p.year} ${p.time}:${p.fraction}`,
  114: (p) => `${p.time}:${p.fraction}`,
  120: (p) => `${p.year}-${p.month}-${p.day} ${p.time}`,
  121: (p) => `${p.year}-${p.month}-${p.day} ${p.time}${point(p)}`,
  126: (p) => `${p.year}-${p.month}-${p.day}T${p.time}${point(p)}`,
  127: (p) => `${p.year}-${p.month}-${p.day}T${p.time}${point(p)}Z`,
};

/** Style of a conversion without one: 0 for the old types, ISO for the newer. */
export function formatDateTime(stored: string, type: SqlType, style: number | undefined): string {
  const parts = toParts(stored, type);
  if (type.name === "time") return parts.time + point(parts);
  const chosen = style ?? (type.name === "datetime" || type.name === "smalldatetime" ? 100 : 121);
  if (type.name === "date" && chosen >= 120) return `${parts.year}-${parts.month}-${parts.day}`;
  const text = styled(parts, chosen, stored);
  if (type.name !== "datetimeoffset") return text;
  return `${text} ${formatOffset(parseStored(stored).offsetMinutes ?? 0)}`;
}

/** Below 100 a style is the same with a year of two digits, but for 20 and 21. */
function styled(parts: Parts, style: number, stored: string): string {
  const format = STYLES[style < 100 ? style + 100 : style] ?? STYLES[121];
  const text = format?.(parts) ?? stored;
  return style > 0 && style < 20 ? text.replace(parts.year, parts.year.slice(2)) : text;
}

function toParts(stored: string, type: SqlType): Parts {
  const instant = local(parseStored(stored));
  const date = new Date(instant.milliseconds);
  const iso = date.toISOString();
  const hour = date.getUTCHours();
  const digits = `${iso.slice(20, 23)}${pad(instant.hundredNanoseconds, 4)}`;
  return {
    year: iso.slice(0, 4),
    month: iso.slice(5, 7),
    day: iso.slice(8, 10),
    name: MONTHS[date.getUTCMonth()] ?? "",
    time: iso.slice(11, 19),
    clock: `${String(hour % 12 === 0 ? 12 : hour % 12).padStart(2, " ")}:${iso.slice(14, 16)}${hour < 12 ? "AM" : "PM"}`,
    fraction:
      type.name === "datetime"
        ? digits.slice(0, 3)
        : type.name === "smalldatetime"
          ? ""
          : digits.slice(0, type.scale ?? 7),
  };
}

function point(parts: Parts): string {
  return parts.fraction === "" ? "" : `.${parts.fraction}`;
}
