import { parseSettings, FunctionSettings } from "../../model/settings.ts";
import { createServices } from "../../services/create-services.ts";

/** The Function App's settings and services: one set per process, opened when first used. */
export const settings = parseSettings(FunctionSettings, process.env);
export const services = createServices(settings);
