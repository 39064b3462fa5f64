/** Objects as they travel and are kept: plain JSON, never changed in place. Only what the server reads is typed. */

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
  readonly [field: string]: unknown;
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: "FieldsV1";
  /** `f:` trees. */
  readonly fieldsV1: Json;
}

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
  readonly lastProbeTime?: string | null;
  readonly lastTransitionTime: string;
}

export interface Job extends KubeObject {
  readonly spec: JobSpec;
  readonly status?: JobStatus;
}

export interface JobSpec {
  readonly parallelism: number;
  /** Absent: a work queue; done when one pod succeeded and none is left. */
  readonly completions?: number;
  readonly backoffLimit: number;
  readonly activeDeadlineSeconds?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly suspend: boolean;
  readonly podReplacementPolicy?: "TerminatingOrFailed" | "Failed";
  readonly podFailurePolicy?: { readonly rules: readonly PodFailureRule[] };
  readonly template: { readonly metadata?: Partial<Metadata>; readonly spec: PodSpec };
}

export interface PodFailureRule {
  readonly action: "FailJob" | "Ignore" | "Count";
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string }[];
  readonly onExitCodes?: { readonly operator: "In" | "NotIn"; readonly values: readonly number[] };
}

export interface JobStatus {
  readonly active?: number;
  readonly terminating?: number;
  readonly ready?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly conditions?: readonly Condition[];
}

export interface Pod extends KubeObject {
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

interface PodSpec {
  readonly serviceAccountName?: string;
  readonly restartPolicy: "Always" | "OnFailure" | "Never";
  readonly terminationGracePeriodSeconds: number;
  readonly activeDeadlineSeconds?: number;
  readonly nodeName?: string;
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly [field: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly envFrom?: readonly EnvironmentSource[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly [field: string]: unknown;
}

interface KeyReference {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly configMapKeyRef?: KeyReference;
    readonly secretKeyRef?: KeyReference;
  };
}

interface EnvironmentSource {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
}

interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
}

export interface VolumeSource {
  readonly configMap?: FileSource & { readonly name: string };
  readonly secret?: FileSource & { readonly secretName?: string; readonly name?: string };
  readonly serviceAccountToken?: {
    readonly path: string;
    readonly audience?: string;
    readonly expirationSeconds?: number;
  };
  readonly emptyDir?: object;
  readonly csi?: CsiSource;
}

export interface CsiSource {
  readonly driver: string;
  readonly volumeAttributes?: Readonly<Record<string, string>>;
}

export interface FileSource {
  readonly optional?: boolean;
  readonly items?: readonly { readonly key: string; readonly path: string }[];
}

export interface Volume extends VolumeSource {
  readonly name: string;
  readonly projected?: { readonly sources: readonly VolumeSource[] };
}

export interface PodStatus {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed";
  readonly reason?: string;
  readonly message?: string;
  readonly startTime?: string;
  readonly podIP?: string;
  readonly conditions?: readonly Condition[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly [field: string]: unknown;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
}

export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason: string;
    readonly message?: string;
    readonly startedAt: string;
    readonly finishedAt: string;
  };
}

export type Terminated = NonNullable<ContainerState["terminated"]>;

export type Json = Readonly<Record<string, unknown>>;

/** Kubernetes writes times in whole seconds. */
export const toTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

export const isControlledBy = (object: KubeObject, uid: string): boolean =>
  object.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) ?? false;
