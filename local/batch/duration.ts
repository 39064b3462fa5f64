/** An ISO 8601 duration of days and smaller (`P1DT2H`, `PT1.5S`) in milliseconds; `undefined` when it is none. */
export function toMilliseconds(duration: string | undefined): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(duration ?? "");
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  // "No limit" is sent as 10675199 days; a timer holds 2^31 ms.
  return total > 2_147_483_647 ? undefined : total;
}
