// Walks a machine through its life with a client generated from HaaS's OpenAPI 3.0 document, and prints each step.
// The server is $HAAS_ENDPOINT; $HAAS_USERNAME is an administrator with $HAAS_PASSWORD.
//
//   npm ci
//   npm run generate -- http://127.0.0.1:5000/openapi-3.0.json
//   npm run build
//   npm run workflow
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const { HAAS_ENDPOINT = "http://127.0.0.1:5000", HAAS_USERNAME = "", HAAS_PASSWORD = "" } = process.env;
const credentials = Buffer.from(`${HAAS_USERNAME}:${HAAS_PASSWORD}`).toString("base64");
const api = createClient<paths>({ baseUrl: HAAS_ENDPOINT, headers: { Authorization: `Basic ${credentials}` } });

// How long a switch may take, in milliseconds, and how often it is asked.
const patience = 30_000;
const pause = 20;

const node = "node-08", nic = "eth0", switchName = "sw-08", port = "gi1/0/8";
const project = "physics", network = "lab", headnode = "head", hnic = "eth0";

/** The part of openapi-fetch's answers that every step looks at. */
interface Answer<T> {
  data?: T;
  error?: components["schemas"]["ErrorModel"];
  response: Response;
}

/** Waits for an answer, which must be a success, and prints what was done. */
async function step<T>(does: string, answer: Promise<Answer<T>>): Promise<T | undefined> {
  const { data, error, response } = await answer;
  if (!response.ok) {
    throw new Error(`${does}: ${response.status} ${error?.msg}`);
  }
  console.log(does);
  return data;
}

/** Like step for a change of a switch, which it follows until the switch shows it. */
async function change(does: string, answer: Promise<Answer<components["schemas"]["StatusID"] | components["schemas"]["Plan"]>>): Promise<void> {
  const { data, error, response } = await answer;
  // Without dry_run the answer is no plan.
  if (data === undefined || !("status_id" in data)) {
    throw new Error(`${does}: ${response.status} ${error?.msg}`);
  }
  const end = await settled(data.status_id);
  if (end?.status !== "DONE") {
    throw new Error(`${does}: ${end?.status} ${end?.error}`);
  }
  console.log(does);
}

/** The last state of a networking action. */
async function settled(status_id: string): Promise<components["schemas"]["Action"] | undefined> {
  for (const deadline = Date.now() + patience; ; ) {
    const { data } = await api.GET("/v0/networking_action/{status_id}", { params: { path: { status_id } } });
    if (data?.status !== "PENDING" || Date.now() > deadline) {
      return data;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** The beginning of what the console shows, which goes on for ever. */
async function firstOutput(stream: ReadableStream<Uint8Array> | null | undefined): Promise<string> {
  const reader = stream?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}

async function register(): Promise<void> {
  await step("register the node", api.PUT("/v0/node/{node}", {
    params: { path: { node } },
    body: { obm: { type: "http://schema.massopencloud.org/haas/v0/obm/mock", host: "bmc-08", user: "admin", password: "secret" } },
  }));
  await step("register its NIC", api.PUT("/v0/node/{node}/nic/{nic}", {
    params: { path: { node, nic } }, body: { macaddr: "52:54:00:00:08:00" },
  }));
  await step("register a switch", api.PUT("/v0/switch/{switch}", {
    params: { path: { switch: switchName } },
    body: { type: "http://schema.massopencloud.org/haas/v0/switches/mock", hostname: switchName, username: "admin", password: "secret" },
  }));
  await step("register its port", api.PUT("/v0/switch/{switch}/port/{port}", { params: { path: { switch: switchName, port } } }));
  await step("cable the NIC to the port", api.POST("/v0/switch/{switch}/port/{port}/connect_nic", {
    params: { path: { switch: switchName, port } }, body: { node, nic },
  }));
}

async function use(): Promise<void> {
  await step("create a project", api.PUT("/v0/project/{project}", { params: { path: { project } } }));
  await step("reserve the node", api.POST("/v0/project/{project}/connect_node", { params: { path: { project } }, body: { node } }));
  await step("create a network", api.PUT("/v0/network/{network}", {
    params: { path: { network } }, body: { owner: project, access: project, net_id: "" },
  }));
  const plan = await step("plan the connection", api.POST("/v0/node/{node}/nic/{nic}/connect_network", {
    params: { path: { node, nic }, query: { dry_run: true } }, body: { network },
  }));
  if (plan === undefined || !("lines" in plan) || plan.port !== port || plan.lines.length === 0) {
    throw new Error(`this is no plan: ${JSON.stringify(plan)}`);
  }
  await change("connect the NIC to the network", api.POST("/v0/node/{node}/nic/{nic}/connect_network", {
    params: { path: { node, nic } }, body: { network },
  }));
  const checked = await step("check the switch", api.GET("/v0/switch/{switch}/check", { params: { path: { switch: switchName } } }));
  const state = checked?.ports.find((p) => p.port === port);
  if (!state?.in_order || state.running?.native == null || state.running.tagged.length !== 0) {
    throw new Error(`the port is not in order: ${JSON.stringify(checked)}`);
  }
  const shown = await step("show the node", api.GET("/v0/node/{node}", { params: { path: { node } } }));
  if (shown?.nics[0]?.networks["vlan/native"] !== network) {
    throw new Error(`the node is not on the network: ${JSON.stringify(shown)}`);
  }
}

async function boot(): Promise<void> {
  await step("create a headnode", api.PUT("/v0/headnode/{headnode}", {
    params: { path: { headnode } }, body: { project, base_img: "base-headnode" },
  }));
  await step("give it a NIC", api.PUT("/v0/headnode/{headnode}/hnic/{hnic}", { params: { path: { headnode, hnic } } }));
  await step("connect it to the network", api.POST("/v0/headnode/{headnode}/hnic/{hnic}/connect_network", {
    params: { path: { headnode, hnic } }, body: { network },
  }));
  await step("start it", api.POST("/v0/headnode/{headnode}/start", { params: { path: { headnode } } }));
  await step("cycle the node's power", api.POST("/v0/node/{node}/power_cycle", { params: { path: { node } }, body: {} }));
  const power = await step("ask for the power", api.GET("/v0/node/{node}/power_status", { params: { path: { node } } }));
  if (power?.power_status !== "on") {
    throw new Error(`the power is ${power?.power_status}`);
  }
  const screen = await step("watch the console", api.GET("/v0/node/{node}/console", {
    params: { path: { node } }, parseAs: "stream",
  }));
  if ((await firstOutput(screen)) === "") {
    throw new Error("the console is silent");
  }
}

async function release(): Promise<void> {
  await step("delete the headnode", api.DELETE("/v0/headnode/{headnode}", { params: { path: { headnode } } }));
  await change("detach the NIC from the network", api.POST("/v0/node/{node}/nic/{nic}/detach_network", {
    params: { path: { node, nic } }, body: { network },
  }));
  await step("release the node", api.POST("/v0/project/{project}/detach_node", { params: { path: { project } }, body: { node } }));
  await step("delete the network", api.DELETE("/v0/network/{network}", { params: { path: { network } } }));
  await step("delete the project", api.DELETE("/v0/project/{project}", { params: { path: { project } } }));
}

async function remove(): Promise<void> {
  const socket = { params: { path: { switch: switchName, port } } };
  await step("unplug the NIC", api.POST("/v0/switch/{switch}/port/{port}/detach_nic", socket));
  await step("delete the port", api.DELETE("/v0/switch/{switch}/port/{port}", socket));
  await step("delete the switch", api.DELETE("/v0/switch/{switch}", { params: { path: { switch: switchName } } }));
  await step("delete the NIC", api.DELETE("/v0/node/{node}/nic/{nic}", { params: { path: { node, nic } } }));
  await step("delete the node", api.DELETE("/v0/node/{node}", { params: { path: { node } } }));
}

await register();
await use();
await boot();
await release();
await remove();
