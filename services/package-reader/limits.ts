/** How much a package may unpack to. */
export interface PackageLimits {
  /** Files and folders in the zip. */
  readonly entries: number;
  /** Sum of everything that is unpacked, in bytes. */
  readonly totalBytes: number;
  /** Bytes unpacked per byte of the zip, looked at once `ratioFromBytes` are unpacked. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** The project XML alone, in bytes: its tree costs many times its size in memory. */
  readonly projectXmlBytes: number;
}

const mebibyte = 1_048_576;

export const defaultLimits: PackageLimits = {
  entries: 10_000,
  totalBytes: 256 * mebibyte,
  ratio: 200,
  ratioFromBytes: mebibyte,
  projectXmlBytes: 16 * mebibyte,
};
