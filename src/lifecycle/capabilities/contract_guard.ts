/**
 * Stands at the border of a capability that has a contract: arguments are
 * checked before the provider sees them, answers before the caller does.
 *
 * @module
 */

import type { InvokeOptions } from "../invoke_options.ts";
import type { ContractFile } from "../../contracts/contract.ts";
import { formatPath, type Mismatch, SchemaCompiler, type ValueCheck } from "../../contracts/value_check.ts";
import { CordonError } from "../../errors.ts";
import { RateLimiter } from "../../internal/rate_limiter.ts";

/** Calls a method of a plugin. */
export type InvokeMethod<Options = InvokeOptions> = (
  method: string,
  args: readonly unknown[],
  options?: Options,
) => Promise<unknown>;

/** Whose contract it is, and who is told when it is broken. */
export interface GuardContext {
  /** Id of the provider. */
  readonly provider: string;
  /** Told when the provider broke it; one that goes on breaking it is not news. */
  readonly onBreach: (message: string) => void;
}

/** The checks of one method. */
interface MethodChecks {
  readonly checkArguments: ValueCheck;
  readonly checkResult: ValueCheck;
}

/** The guard of one capability, as one provider has it. */
export class ContractGuard {
  readonly #capability: string;
  readonly #context: GuardContext;
  readonly #methods: ReadonlyMap<string, MethodChecks>;
  readonly #rate = new RateLimiter({ count: 10, periodMs: 60_000 });

  /**
   * @param file The contract.
   * @param context Whose it is.
   */
  constructor(
    { capability, contract }: Pick<ContractFile, "capability" | "contract">,
    context: GuardContext,
  ) {
    const compiler = new SchemaCompiler(contract.definitions);
    this.#capability = capability;
    this.#context = context;
    this.#methods = new Map(contract.methods.map(({ name, parameters, result }) => [name, {
      checkArguments: compiler.compile(parameters),
      checkResult: compiler.compile(result),
    }]));
  }

  /**
   * Checks what a caller hands over.
   *
   * @throws {CordonError} `invalid_argument`.
   */
  checkArguments(method: string, args: readonly unknown[]): void {
    const mismatch = this.#methods.get(method)?.checkArguments(args);
    if (mismatch === undefined) return;
    throw new CordonError(
      "invalid_argument",
      `Cannot call "${method}" of "${this.#capability}": ${describeArgument(mismatch)}`,
      {
        hint: `Write it as the contract of "${this.#context.provider}" says: cordon types`,
        facts: { capability: this.#capability, method, path: formatPath(mismatch.path) },
      },
    );
  }

  /**
   * Checks what the provider answered.
   *
   * @throws {CordonError} `contract_broken`.
   */
  checkResult(method: string, value: unknown): void {
    const mismatch = this.#methods.get(method)?.checkResult(value);
    if (mismatch === undefined) return;
    const { provider, onBreach } = this.#context;
    const where = mismatch.path.length === 0 ? "its answer" : `its answer at ${formatPath(mismatch.path)}`;
    const message =
      `Cannot use what "${method}" of "${this.#capability}" answered: ${where} ${mismatch.message}, ` +
      `against the contract of "${provider}"`;
    if (this.#rate.take()) onBreach(message);
    throw new CordonError("contract_broken", message, {
      facts: { capability: this.#capability, method, provider, path: formatPath(mismatch.path) },
    });
  }
}

/** The guards of everything that a plugin provides with a contract, by capability. */
export function createGuards(
  { contracts = [] }: { readonly contracts?: readonly ContractFile[] } = {},
  context: GuardContext,
): ReadonlyMap<string, ContractGuard> {
  return new Map(
    contracts.filter(({ role }) => role === "provides")
      .map((file) => [file.capability, new ContractGuard(file, context)]),
  );
}

/** Calls between the two checks of a guard; without one they are what they were. */
export function guardCalls<Options>(
  guard: ContractGuard | undefined,
  invoke: InvokeMethod<Options>,
): InvokeMethod<Options> {
  if (guard === undefined) return invoke;
  return async (method, args, options) => {
    guard.checkArguments(method, args);
    const value = await invoke(method, args, options);
    guard.checkResult(method, value);
    return value;
  };
}

function describeArgument({ path: [index, ...rest], message }: Mismatch): string {
  if (typeof index !== "number") return `its arguments: ${message}`;
  const place = rest.length === 0 ? "" : ` ${formatPath(rest)}`;
  return `argument ${index + 1}${place} ${message}`;
}
