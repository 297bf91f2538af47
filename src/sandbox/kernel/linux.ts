/**
 * Constants of the Linux kernel that confinement needs, under the names of its
 * headers (`include/uapi`).
 *
 * @module
 */

/** landlock.h: what a rule may allow about files, by the version of the interface that brought it. */
export const LANDLOCK_ACCESS_FS = {
  EXECUTE: 1n << 0n,
  WRITE_FILE: 1n << 1n,
  READ_FILE: 1n << 2n,
  READ_DIR: 1n << 3n,
  REMOVE_DIR: 1n << 4n,
  REMOVE_FILE: 1n << 5n,
  MAKE_CHAR: 1n << 6n,
  MAKE_DIR: 1n << 7n,
  MAKE_REG: 1n << 8n,
  MAKE_SOCK: 1n << 9n,
  MAKE_FIFO: 1n << 10n,
  MAKE_BLOCK: 1n << 11n,
  MAKE_SYM: 1n << 12n,
  REFER: 1n << 13n,
  TRUNCATE: 1n << 14n,
  IOCTL_DEV: 1n << 15n,
} as const;

/** landlock.h: the version of the interface since which a right is handled; those not named are of the first. */
export const LANDLOCK_ACCESS_FS_SINCE = { REFER: 2, TRUNCATE: 3, IOCTL_DEV: 5 } as const;

/** landlock.h: rights about TCP ports, since version 4. */
export const LANDLOCK_ACCESS_NET = { BIND_TCP: 1n << 0n, CONNECT_TCP: 1n << 1n } as const;

/** landlock.h: what a domain is cut off from, since version 6. */
export const LANDLOCK_SCOPE = { ABSTRACT_UNIX_SOCKET: 1n << 0n, SIGNAL: 1n << 1n } as const;

/** landlock.h: kinds of rules, and the flag that asks for the version. */
export const LANDLOCK_RULE = { PATH_BENEATH: 1n, NET_PORT: 2n } as const;
/** landlock.h. */
export const LANDLOCK_CREATE_RULESET_VERSION = 1n;

/** prctl.h. */
export const PR = {
  SET_PDEATHSIG: 1,
  SET_SECCOMP: 22,
  SET_CHILD_SUBREAPER: 36,
  SET_NO_NEW_PRIVS: 38,
  CAP_AMBIENT: 47,
} as const;
/** prctl.h. */
export const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/** resource.h. */
export const RLIMIT = { FSIZE: 1, DATA: 2, CORE: 4, NOFILE: 7 } as const;

/** capability.h. */
export const CAP = { DAC_OVERRIDE: 1, NET_BIND_SERVICE: 10 } as const;
/** capability.h. */
export const LINUX_CAPABILITY_VERSION_3 = 0x20080522;

/** fcntl.h; one flag has another number on ARM. */
export const O = {
  NOFOLLOW: Deno.build.arch === "aarch64" ? 0o100000 : 0o400000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
} as const;
/** close_range.h. */
export const CLOSE_RANGE_CLOEXEC = 4n;
/** signal.h. */
export const SIG = { KILL: 9, XFSZ: 25 } as const;
/** signal.h. */
export const SIG_IGN = 1n;

/** Numbers of system calls that are the same everywhere (unistd.h). */
export const SYS = {
  close_range: 436n,
  landlock_create_ruleset: 444n,
  landlock_add_rule: 445n,
  landlock_restrict_self: 446n,
} as const;

/** errno.h: those that explain a refusal. */
export const ERRNO: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  7: "E2BIG",
  12: "ENOMEM",
  13: "EACCES",
  22: "EINVAL",
  24: "EMFILE",
  38: "ENOSYS",
  40: "ELOOP",
  95: "EOPNOTSUPP",
};
