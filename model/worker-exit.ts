/**
 * sbm counts failures in its exit code, which wraps at 256; these do not. interrupted: the machine wanted the worker to
 * end before the work was done. Were that a success, a Kubernetes Job would not replace the pod of a drained node.
 */
export const exitCode = {
  succeeded: 0,
  someFailed: 1,
  couldNotStart: 2,
  cancelled: 3,
  broken: 4,
  interrupted: 5,
} as const;
