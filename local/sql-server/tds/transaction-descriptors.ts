/** Names transactions on the wire: eight bytes per transaction, unique within the connection. */
export interface TransactionDescriptors {
  /** A new one when a transaction began, the current one when it ended. */
  after(change: "began" | "committed" | "rolledBack"): Uint8Array;
}

export function createTransactionDescriptors(): TransactionDescriptors {
  let count = 0n;
  return {
    after(change) {
      if (change === "began") count += 1n;
      const descriptor = Buffer.alloc(8);
      descriptor.writeBigUInt64LE(count);
      return descriptor;
    },
  };
}
