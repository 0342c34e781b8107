# syntax=docker/dockerfile:1
# The server alone, for a read-only root and any user id:
#   docker build -t catchword .
#   docker run --read-only --tmpfs /tmp -v catchword:/data -p 127.0.0.1:5000:5000 catchword

FROM node:20-slim AS build
WORKDIR /app
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts

FROM node:20-slim
ENV NODE_ENV=production CATCHWORD_DATADIR=/data CATCHWORD_PROJECTS=/data/projects.yaml
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
RUN mkdir /data && chown 1000:0 /data && chmod 2775 /data && ln -s /app/packages/cli/bin/catchword.js /usr/local/bin/catchword
USER 1000
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:5000/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["catchword"]
# Whoever can reach the port needs a key: docker exec … catchword create-key NAME
CMD ["run", "--host", "0.0.0.0", "--require-keys"]
