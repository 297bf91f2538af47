/**
 * Names of variables and system facts that tell what stands behind them.
 *
 * @module
 */

/** System facts that tell who and where it is. */
export const IDENTITY_FACTS: ReadonlySet<string> = new Set([
  "getegid",
  "gid",
  "homedir",
  "hostname",
  "networkInterfaces",
  "uid",
  "userInfo",
  "username",
]);

const SECRET_WORD =
  /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|APIKEY|PRIVATE|COOKIE|SESSION|CONNECTION_STRING/i;
const SECRET_PART = /(^|_)(KEYS?|PASS|PWD?|PAT|AUTH|JWT|BEARER|DSN|SALT|KUBECONFIG)(_|$)/i;
const DATABASE_URL = /(^|_)(DATABASE|DB|REDIS|MONGO\w*|PG|POSTGRES\w*|MYSQL|AMQP)_UR[IL]$/i;

/** Whether a variable is named as people name secrets. */
export function isSecretName(name: string): boolean {
  if (name === "PWD") return false;
  return SECRET_WORD.test(name) || SECRET_PART.test(name) || DATABASE_URL.test(name);
}
