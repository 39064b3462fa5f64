import { setFlagsFromString } from "node:v8";

/** Of what lives in the heap, how much garbage may be added to it before it is collected, in percent. */
const growth = 40;

/**
 * Left to itself V8 lets the heap grow to several times of what lives in it: a worker would need 450 MB where 300 do
 * (npm run bench:memory), for collections that take a two-hundredth of its time. V8 reads the flag at each collection,
 * so it works while the process runs.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growth}`);
}
