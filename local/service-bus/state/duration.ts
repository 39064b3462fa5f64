/** Azure's longest duration stands for "no limit": .NET's TimeSpan.MaxValue. */
export const endlessDuration = "P10675199DT2H48M5.4775807S";

const pattern = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * An ISO 8601 duration (days to seconds) in milliseconds; Infinity for Azure's "no limit".
 * @throws Error when it is none.
 */
export function parseDuration(text: string): number {
  const match = pattern.exec(text);
  if (!match) throw new Error(`'${text}' is not a duration such as PT1M30S.`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part || 0));
  if (days >= 10_675_199) return Infinity;
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
