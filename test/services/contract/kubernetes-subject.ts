import { randomUUID } from "node:crypto";
import {
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  type PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { vi } from "vitest";

/** A cluster whose namespace the tests may use as they like. */
export interface KubernetesSubject {
  readonly config: KubeConfig;
  readonly namespace: string;
  /** Of an image that has a POSIX shell. */
  readonly image: string;
  /** Milliseconds to wait for what takes the cluster some time. */
  readonly patience: number;
}

export interface KubernetesClients extends KubernetesSubject {
  readonly core: CoreV1Api;
  readonly batch: BatchV1Api;
}

export function toClients(subject: KubernetesSubject): KubernetesClients {
  const { config } = subject;
  return { ...subject, core: config.makeApiClient(CoreV1Api), batch: config.makeApiClient(BatchV1Api) };
}

export const newName = (): string => `test-${randomUUID().slice(0, 8)}`;

export const asPatch = (
  strategy: (typeof PatchStrategy)[keyof typeof PatchStrategy],
): ReturnType<typeof setHeaderOptions> => setHeaderOptions("Content-Type", strategy);

/** Repeats until it does not throw. */
export const eventually = <Value>(
  { patience }: KubernetesSubject,
  check: () => Value | Promise<Value>,
): Promise<Value> => vi.waitFor(check, { timeout: patience, interval: 50 });
