import type { Cluster } from "../cluster.ts";
import type { Container } from "../objects.ts";

/**
 * What is started for a container: the command its image stands for on this machine, else its own. An image that
 * stands for nothing, of a container without a command, cannot be started: nobody here knows its entry point.
 */
export function toCommand({ settings }: Cluster, container: Container): readonly string[] | undefined {
  const { image = "", command = [], args = [] } = container;
  const own = [...command, ...args];
  return settings.command(image, container) ?? (command.length > 0 ? own : undefined);
}
