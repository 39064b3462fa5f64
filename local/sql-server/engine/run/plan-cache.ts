import type { SqlType } from "../../session.ts";
import type { CatalogView } from "../catalog/lookup.ts";
import type { Catalog } from "../catalog/model.ts";
import type { Shape } from "../catalog/model.ts";
import type { Plan } from "../translate/plan.ts";
import { currentView } from "./connections.ts";
import type { Frame } from "./session-state.ts";

/** Plans by the syntax node they were made from: parsed batches are shared, so are their plans. */
type Plans = WeakMap<object, Plan>;

/** Of what needs no database; the others hang on the shape, or the one catalogue, they were made for. */
const everywhere: Plans = new WeakMap();
const perCatalog = new WeakMap<Catalog | Shape, Plans>();

type Make = (view: CatalogView, variables: (name: string) => SqlType | undefined) => Plan;

/** @throws SqlError of the translation. */
export function planOnce(frame: Frame, node: object, make: Make): Plan {
  const shared = everywhere.get(node);
  if (shared !== undefined && fits(frame, shared)) return shared;
  const view = currentView(frame.session);
  const known = shared === undefined ? findInCatalog(view, node) : undefined;
  if (known !== undefined && fits(frame, known)) return known;
  const plan = make(view, (name) => frame.variables.get(name)?.type);
  if (plan.state.usesDatabase) needsDatabase.add(node);
  if (!plan.state.usesTemporary) plansFor(plan, view).set(node, plan);
  return plan;
}

/** Asking for the catalogue opens the database, so only statements that needed it before ask again. */
const needsDatabase = new WeakSet<object>();

function findInCatalog(view: CatalogView, node: object): Plan | undefined {
  if (!needsDatabase.has(node)) return undefined;
  const { catalog } = view;
  return perCatalog.get(catalog.shape)?.get(node) ?? perCatalog.get(catalog)?.get(node);
}

function plansFor(plan: Plan, view: CatalogView): Plans {
  if (!plan.state.usesDatabase) return everywhere;
  const owner = plan.state.namesDatabase ? view.catalog : view.catalog.shape;
  const plans = perCatalog.get(owner) ?? new WeakMap<object, Plan>();
  perCatalog.set(owner, plans);
  return plans;
}

/** The variables still have the types the plan was made for. */
function fits(frame: Frame, plan: Plan): boolean {
  return plan.parameters.every(
    (parameter) =>
      parameter.kind !== "variable" || frame.variables.get(parameter.name)?.type.name === parameter.type.name,
  );
}
