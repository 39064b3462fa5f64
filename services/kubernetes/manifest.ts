/**
 * A manifest as plain data: the client's models are classes, but what is sent is JSON, and no class is needed to
 * write it down.
 */
export type Manifest<Model> = Model extends Date | string | number | boolean | undefined
  ? Model
  : Model extends readonly (infer Item)[]
    ? readonly Manifest<Item>[]
    : { readonly [Field in keyof Model]: Manifest<Model[Field]> };
