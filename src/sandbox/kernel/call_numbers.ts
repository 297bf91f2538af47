/**
 * Numbers of the system calls that the filter looks at (unistd.h), by what it
 * does about them.
 *
 * @module
 */

/** Numbers by name, on each processor; `undefined` where one has no such call. */
export type CallNumbers = Readonly<
  Record<string, readonly [x86_64: number | undefined, aarch64: number | undefined]>
>;

/** What neither Deno nor a plugin has any use for. */
export const NEEDLESS_CALLS: CallNumbers = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
  pidfd_getfd: [438, 438],
  // Mounts, roots and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  unshare: [272, 97],
  setns: [308, 268],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  // The kernel and the machine.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
  uselib: [134, undefined],
  fanotify_init: [300, 262],
  quotactl_fd: [443, 443],
  // Memory and queues that all programs of a user share.
  shmget: [29, 194],
  shmat: [30, 196],
  shmctl: [31, 195],
  semget: [64, 190],
  semop: [65, 193],
  semtimedop: [220, 192],
  semctl: [66, 191],
  msgget: [68, 186],
  msgsnd: [69, 189],
  msgrcv: [70, 188],
  msgctl: [71, 187],
  mq_open: [240, 180],
  mq_unlink: [241, 181],
};

/** What is asked about one process, which its first argument names: 0 is the caller. */
export const CALLS_ON_A_PROCESS: CallNumbers = {
  prlimit64: [302, 261],
  sched_setaffinity: [203, 122],
  sched_setattr: [314, 274],
  sched_setparam: [142, 118],
  sched_setscheduler: [144, 119],
};

/** The same with the process as second argument. */
export const CALLS_ON_A_KIND_OF_PROCESS: CallNumbers = {
  ioprio_set: [251, 30],
  setpriority: [141, 140],
};

/** What sends with flags as third argument. */
export const CALLS_WITH_FLAGS_THIRD: CallNumbers = { sendmsg: [46, 211] };

/** What sends with flags as fourth argument. */
export const CALLS_WITH_FLAGS_FOURTH: CallNumbers = { sendto: [44, 206], sendmmsg: [307, 269] };

/** What has a rule of its own. */
export const CALLS_OF_THEIR_OWN = {
  clone: [56, 220],
  clone3: [435, 435],
  listen: [50, 201],
  socket: [41, 198],
} as const satisfies CallNumbers;
