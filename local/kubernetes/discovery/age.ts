/** A time span as kubectl prints it: `45s`, `3m10s`, `12m`, `3h5m`, `2d`. apimachinery/pkg/util/duration */
export function toAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const [minutes, hours, days] = [60, 3_600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return withRest(`${minutes}m`, seconds % 60, "s");
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return withRest(`${hours}h`, minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  return days < 8 ? withRest(`${days}d`, hours % 24, "h") : `${days}d`;
}

const withRest = (text: string, rest: number, unit: string): string =>
  rest === 0 ? text : `${text}${rest}${unit}`;
