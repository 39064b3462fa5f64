/** Imports point one way: functions → orchestrations/activities → services → model; the worker shares services and model. */
const may = (folder, ...others) => ({
  name: `${folder}-may-import`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: {
    path: "^(functions|orchestrations|activities|services|worker|local|test|model)/",
    pathNot: `^(${[folder, ...others].join("|")})/`,
  },
});

module.exports = {
  forbidden: [
    may("model"),
    may("orchestrations", "model"),
    may("activities", "services", "model"),
    may("services", "model"),
    may("functions", "orchestrations", "activities", "services", "model"),
    may("worker", "services", "model"),
    may("local"),
    {
      name: "activities-see-services-as-types",
      severity: "error",
      comment: "An activity is handed its services; only functions/ and worker/ build them.",
      from: { path: "^activities/" },
      to: { path: "^services/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "sdk-only-in-services",
      severity: "error",
      from: { path: "^(model|orchestrations|activities|worker)/" },
      to: { path: "node_modules/@azure/" },
    },
    {
      name: "sql-only-in-worker",
      severity: "error",
      from: { pathNot: "^(worker|bench|test|local)/" },
      to: { path: "node_modules/(mssql|tedious)/" },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: "^(functions|worker/main|local|deploy|bench/[^/]+|test)|config" },
      to: {},
    },
    {
      name: "not-to-dev-dep",
      severity: "error",
      from: {
        pathNot: "^(test|local)/",
        path: "^(functions|orchestrations|activities|services|worker|model)/",
      },
      to: { dependencyTypes: ["npm-dev"], pathNot: "node_modules/@types/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};
