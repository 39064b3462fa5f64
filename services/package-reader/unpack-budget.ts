import type { Refusal } from "../../model/result.ts";
import type { PackageLimits } from "./limits.ts";

/** Counts what comes out of one zip, over all its entries; an overlapping or repeated entry counts each time. */
export interface UnpackBudget {
  /** Says no as soon as the bytes that came out are too many. */
  readonly spend: (bytes: number) => Refusal | undefined;
}

export function createUnpackBudget(zipBytes: number, limits: PackageLimits): UnpackBudget {
  let unpacked = 0;
  return {
    spend: (bytes) => {
      unpacked += bytes;
      if (unpacked > limits.totalBytes) {
        return {
          code: "PackageTooLarge",
          message: `The zip unpacks to more than ${limits.totalBytes} bytes.`,
        };
      }
      if (unpacked > limits.ratioFromBytes && unpacked > zipBytes * limits.ratio) {
        const message = `The zip of ${zipBytes} bytes unpacks to more than ${limits.ratio} times its size.`;
        return { code: "ZipBomb", message };
      }
      return undefined;
    },
  };
}
