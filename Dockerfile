# One image for all services; docker-compose.yml says which one a container runs.

FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY core/package.json core/
COPY features/package.json features/
COPY model/package.json model/
COPY metrics/package.json metrics/
COPY plot/package.json plot/
COPY alerts/package.json alerts/
COPY gateway/package.json gateway/
COPY training/package.json training/
COPY cli/package.json cli/
COPY testing/package.json testing/
COPY bench/package.json bench/

# What the services need to run. onnxruntime-node brings the libraries of all platforms: 240 MB that are of no use here.
FROM manifests AS dependencies
RUN npm ci --omit=dev --no-audit \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} + \
 && find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM manifests AS build
RUN npm ci --no-audit
COPY . .
# Files of a clone may be readable for their owner alone.
RUN node_modules/.bin/tsc -b cli \
 && node scripts/bundle.mjs \
 && find . -name node_modules -prune -exec rm -r {} + \
 && rm -r tsconfig*.json */tsconfig.json */src \
 && find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '.tsbuildinfo' \) -delete \
 && chmod -R u=rwX,go=rX .

FROM node:24-bookworm-slim
# ONNX Runtime reports to its makers by default.
ENV NODE_ENV=production ORT_DISABLE_TELEMETRY=1
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /app ./
RUN mkdir data logs && chown node:node logs && ln -s /app/docker/streamgauge /usr/local/bin/
USER node
ENTRYPOINT ["node", "--max-semi-space-size=32", "docker/start.mjs"]
