/**
 * Reads the contracts that plugins name in their manifests: files of types,
 * bounded, that import nothing. None of them is run.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { DocModule } from "../contracts/doc_nodes.ts";
import {
  type ContractFile,
  type ContractRequest,
  MAX_CONTRACT_BYTES,
  MAX_CONTRACTS,
} from "../contracts/contract.ts";
import { readContract } from "../contracts/read_contract.ts";
import { stripHeader } from "../contracts/types_file.ts";
import { CordonError, errorMessage, type Problem } from "../errors.ts";
import { hashText } from "../internal/hash.ts";
import { describeFailure, type GraphModule } from "../manifest/import_graph.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { readDeclarations, readModuleGraph } from "./deno_tool.ts";

/** The contracts of one plugin. */
export interface ContractReport {
  /** Those that can be used. */
  readonly contracts: readonly ContractFile[];
  /** Everything that is wrong with the others. */
  readonly problems: readonly Problem[];
}

/** A plugin with contracts. */
export interface ContractSource {
  /** Its folder. */
  readonly dir: string;
  /** Its plain files, by their paths inside. */
  readonly files: readonly string[];
  /** The contracts that its manifest names. */
  readonly requests: readonly ContractRequest[];
}

/** How contracts are read. */
interface ReadingOptions {
  /** Folder for short-lived files. */
  readonly workDir: string;
  readonly signal?: AbortSignal;
}

/** A contract whose text was read. */
interface Candidate {
  readonly request: ContractRequest;
  readonly text: string;
  /** Name of its copy. */
  readonly copy: string;
}

/** What Deno says of a candidate, or what is wrong with it. */
type Reading = { readonly module: DocModule } | { readonly problems: readonly Problem[] };

/** The contracts that a manifest names. */
export function listContracts({ provides, uses }: Pick<Manifest, "provides" | "uses">): ContractRequest[] {
  return [
    ...Object.entries(provides).flatMap(([capability, { contract: file, methods }]): ContractRequest[] =>
      file === undefined ? [] : [{ capability, role: "provides", file, methods }]
    ),
    ...Object.entries(uses).flatMap(([capability, { contract: file }]): ContractRequest[] =>
      file === undefined ? [] : [{ capability, role: "uses", file }]
    ),
  ];
}

/** Reads the contracts of some plugins; reports come in the order of the sources. */
export async function readContracts(
  sources: readonly ContractSource[],
  options: ReadingOptions,
): Promise<ContractReport[]> {
  const texts = await Promise.all(sources.map(readTexts));
  const candidates = texts.flatMap((one) => one.candidates);
  const readings = candidates.length === 0 ? new Map() : await readAll(candidates, options);
  return await Promise.all(texts.map(async ({ candidates, problems }) => {
    const all = [...problems];
    const contracts: ContractFile[] = [];
    for (const candidate of candidates) {
      const { request: { capability, role, file }, text } = candidate;
      const { contract, problems: found } = judge(candidate, readings.get(candidate)!);
      all.push(...found);
      if (contract === undefined) continue;
      contracts.push({ capability, role, file, text, hash: await hashText(stripHeader(text)), contract });
    }
    return { contracts, problems: all };
  }));
}

function judge({ request, text }: Candidate, reading: Reading): ReturnType<typeof readContract> {
  if ("problems" in reading) return { contract: undefined, problems: reading.problems };
  return readContract(reading.module, request, text);
}

async function readTexts(
  { dir, files, requests }: ContractSource,
): Promise<{ candidates: Candidate[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const candidates: Candidate[] = [];
  if (requests.length > MAX_CONTRACTS) {
    return { candidates, problems: [{ message: `names more than ${MAX_CONTRACTS} contracts` }] };
  }
  for (const request of requests) {
    const { file, capability, role } = request;
    const path = `${role}.${capability}.contract`;
    if (!files.includes(file)) {
      const hint = role === "uses" ? ": cordon types writes it" : "";
      problems.push({ file, message: `does not exist, but the manifest names it as "${path}"${hint}` });
      continue;
    }
    try {
      const text = await readText(`${dir}/${file}`);
      // Unlike an import, such a line is no edge of the module graph.
      const line = text.split("\n").findIndex((one) => /^\s*\/\/\/\s*<reference/.test(one));
      if (line !== -1) problems.push({ file, line: line + 1, message: `refers to other files: ${ALONE}` });
      else candidates.push({ request, text, copy: `${crypto.randomUUID()}.ts` });
    } catch (error) {
      problems.push({
        file,
        message: error instanceof TypeError ? "is not UTF-8 text" : errorMessage(error),
      });
    }
  }
  return { candidates, problems };
}

const ALONE = "a contract stands alone, so that others can copy it";

async function readText(path: string): Promise<string> {
  const { size } = await Deno.lstat(path);
  if (size > MAX_CONTRACT_BYTES) {
    throw new CordonError("invalid_input", `is larger than ${MAX_CONTRACT_BYTES / 1024} KiB`);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
}

/** One run of the tools for all; when it fails, one each, so that only the culprit suffers. */
async function readAll(
  candidates: readonly Candidate[],
  options: ReadingOptions,
): Promise<Map<Candidate, Reading>> {
  try {
    return await readTogether(candidates, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof CordonError)) throw error;
    const [only] = candidates as [Candidate];
    if (candidates.length === 1) {
      const problem = { file: only.request.file, message: `cannot be read as types (${error.message})` };
      return new Map([[only, { problems: [problem] }]]);
    }
    const readings = new Map<Candidate, Reading>();
    for (const candidate of candidates) {
      for (const [key, reading] of await readAll([candidate], options)) readings.set(key, reading);
    }
    return readings;
  }
}

async function readTogether(
  candidates: readonly Candidate[],
  { workDir, signal }: ReadingOptions,
): Promise<Map<Candidate, Reading>> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ dir: workDir, prefix: "contracts-" }));
  const urlOf = ({ copy }: Candidate) => pathToFileURL(`${dir}/${copy}`).href;
  try {
    for (const { copy, text } of candidates) await Deno.writeTextFile(`${dir}/${copy}`, text);
    const root = `${dir}/${crypto.randomUUID()}.ts`;
    await Deno.writeTextFile(root, candidates.map(({ copy }) => `import "./${copy}";`).join("\n"));
    const { modules } = await readModuleGraph(root, { signal });
    const readings = new Map<Candidate, Reading>();
    for (const candidate of candidates) {
      const problems = findForeign(
        modules.find(({ specifier }) => specifier === urlOf(candidate)),
        candidate,
      );
      if (problems.length > 0) readings.set(candidate, { problems });
    }
    const alone = candidates.filter((candidate) => !readings.has(candidate));
    if (alone.length === 0) return readings;
    const { nodes = {} } = await readDeclarations(alone.map(({ copy }) => `${dir}/${copy}`), { signal });
    for (const candidate of alone) {
      const module = Object.hasOwn(nodes, urlOf(candidate)) ? nodes[urlOf(candidate)]! : {};
      readings.set(candidate, { module });
    }
    return readings;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What a contract takes from elsewhere, or why it cannot be parsed. */
function findForeign(module: GraphModule | undefined, { request: { file } }: Candidate): Problem[] {
  if (module === undefined) return [{ file, message: "cannot be read as types" }];
  if (module.error !== undefined) return [describeFailure(module.error, file)];
  return (module.dependencies ?? []).slice(0, 5).map(({ specifier, code, type }) => {
    const line = (code ?? type)?.span?.start.line;
    const shown = specifier.length > 80 ? `${specifier.slice(0, 80)}…` : specifier;
    return {
      file,
      ...(line === undefined ? {} : { line: line + 1 }),
      message: `imports "${shown}": ${ALONE}`,
    };
  });
}
