import { isRecord } from "../../web-server.ts";
import type { Container, Json } from "../objects.ts";

/** What a container asks for and may have, and the class of its pod that follows. */

const kinds = ["requests", "limits"] as const;
/** Other resources make no difference to the class. */
const computed = ["cpu", "memory"];

/** A limit without a request is one. kubernetes/pkg/apis/core/v1/defaults.go */
export function withRequests(container: Container): Container {
  const { requests, limits } = toResources(container);
  const missing = Object.entries(limits).filter(([name]) => !(name in requests));
  if (missing.length === 0) return container;
  const given = isRecord(container["resources"]) ? container["resources"] : {};
  return { ...container, resources: { ...given, requests: { ...requests, ...Object.fromEntries(missing) } } };
}

/**
 * Guaranteed: each container has limits for both, and asks for as much. BestEffort: none asks for anything.
 * kubernetes/pkg/apis/core/helper/qos
 */
export function toQualityOfService(containers: readonly Container[]): string {
  const resources = containers.map(toResources);
  const amounts = resources.flatMap((each) =>
    kinds.flatMap((kind) => computed.map((name) => toAmount(each[kind][name]))),
  );
  if (amounts.every((amount) => amount === 0)) return "BestEffort";
  const isGuaranteed = resources.every(({ requests, limits }) =>
    computed.every((name) => {
      const limit = toAmount(limits[name]);
      return limit > 0 && toAmount(requests[name]) === limit;
    }),
  );
  return isGuaranteed ? "Guaranteed" : "Burstable";
}

function toResources({ resources }: Container): Readonly<Record<(typeof kinds)[number], Json>> {
  const at = (name: string): Json => {
    const found = isRecord(resources) ? resources[name] : undefined;
    return isRecord(found) ? found : {};
  };
  return { requests: at("requests"), limits: at("limits") };
}

const units: Readonly<Record<string, number>> = {
  ...{ "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** `500m`, `1Gi`, `1e3`, 2; what is none counts as nothing, for here nothing is refused for it. */
function toAmount(quantity: unknown): number {
  const text = typeof quantity === "number" ? String(quantity) : quantity;
  const found = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(typeof text === "string" ? text : "");
  return Number(found?.[1] ?? 0) * (units[found?.[2] ?? ""] ?? 0);
}
