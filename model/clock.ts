/** The time as a parameter. */
export type Clock = () => Date;
