/** The part of a round that is not counted: processes start cold, and so does the compiler in them. */
export const warmUp = 1 / 3;

/** Targets per second after the warm-up. @param ends when each target was done, in milliseconds */
export function toPerSecond(ends: readonly number[]): number {
  const sorted = [...ends].sort((left, right) => left - right);
  const first = Math.floor(sorted.length * warmUp);
  const milliseconds = (sorted.at(-1) ?? 0) - (sorted[first - 1] ?? 0);
  return ((sorted.length - first) * 1_000) / milliseconds;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
