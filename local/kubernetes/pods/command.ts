import type { Cluster } from "../cluster.ts";
import type { Container } from "../objects.ts";

/**
 * What is started for a container: the command its image stands for on this machine, else its own. An image that
 * stands for nothing, of a container without a command, cannot be started: nobody here knows its entry point.
 * @param toHost where a mounted path is on this machine; what an image stands for is on this machine already
 */
export function toCommand(
  { settings }: Cluster,
  container: Container,
  toHost: (path: string) => string = (path) => path,
): readonly string[] | undefined {
  const { image = "", command = [], args = [] } = container;
  const own = [...command, ...args].map(toHost);
  return settings.command(image, container) ?? (command.length > 0 ? own : undefined);
}
