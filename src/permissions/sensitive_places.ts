/**
 * Places on a machine where reading or writing does more harm than elsewhere.
 * In a pattern `~` is any home folder, `*` any one name and `?:` any drive.
 *
 * A value touches a place when it lies in it or covers it, so whatever covers
 * a value touches at least as much: the exposure score never falls when a
 * permission becomes wider.
 *
 * @module
 */

/** A place, taken apart. */
export interface Place {
  /** Whether the names are counted from a home folder. */
  readonly inHome: boolean;
  /** Its names, in lower case. */
  readonly names: readonly string[];
}

type Homes = readonly (readonly string[])[];

/** Where homes usually are; the one of the user is added when it is known. */
const USUAL_HOMES = ["/home/*", "/Users/*", "/root", "?:/Users/*"].map(splitPath);

/** Every home folder. */
export const HOME: readonly Place[] = parsePlaces("~");

/** Keys, passwords, sessions, and what the system and other processes keep. */
export const SECRET_PLACES: readonly Place[] = parsePlaces(
  "~/.ssh ~/.gnupg ~/.aws ~/.azure ~/.kube ~/.docker ~/.config ~/.local/share ~/.password-store ~/.netrc",
  "~/.npmrc ~/.pypirc ~/.git-credentials ~/.gitconfig ~/.pgpass ~/.my.cnf ~/.vault-token ~/.terraform.d",
  "~/.bash_history ~/.zsh_history ~/.mozilla ~/.cargo/credentials.toml ~/.m2 ~/.gradle ~/.env",
  "~/Library ~/AppData /etc /proc /sys /dev /boot /run /var/run /var/lib /var/log /var/spool /var/backups",
  "/private/etc /private/var/run /private/var/db /Library/Keychains /System/Volumes ?:/Windows ?:/ProgramData",
);

/** What of those places tells nothing secret. */
export const HARMLESS_PLACES: readonly Place[] = parsePlaces(
  "/etc/hosts /etc/resolv.conf /etc/nsswitch.conf /etc/os-release /etc/localtime /etc/timezone /etc/mime.types",
  "/etc/ssl/certs /etc/ca-certificates /etc/pki/tls/certs /private/etc/hosts /private/etc/resolv.conf",
  "/dev/null /dev/zero /dev/random /dev/urandom",
);

/** What others run, load or obey. */
export const EXECUTED_PLACES: readonly Place[] = parsePlaces(
  "/bin /sbin /lib /lib32 /lib64 /usr/bin /usr/sbin /usr/lib /usr/lib64 /usr/libexec /usr/local/bin",
  "/usr/local/sbin /usr/local/lib /opt/homebrew /snap /nix /etc /boot /dev /proc /sys /run /var/run /var/spool/cron",
  "/var/lib /private/etc /private/var/run /System /Library /Applications ?:/Windows ?:/ProgramData",
  "?:/Program~Files ?:/Program~Files~(x86) ~/.ssh ~/.config ~/.local/bin ~/.local/lib ~/.local/share ~/bin ~/.cargo",
  "~/.rustup ~/.deno ~/.bun ~/.npm ~/.npm-global ~/.nvm ~/.pyenv ~/.asdf ~/.volta ~/go ~/.cache",
  "~/.gitconfig ~/.npmrc ~/.bashrc ~/.bash_profile ~/.bash_login ~/.bash_logout ~/.profile ~/.zshrc ~/.zshenv",
  "~/.zprofile ~/.zlogin ~/.xprofile ~/.xinitrc ~/.xsessionrc ~/.vimrc ~/.vim ~/.emacs ~/.emacs.d ~/.gnupg ~/.docker",
  "~/.kube ~/.vscode ~/Library ~/AppData",
);

/** Folders that every program shares for temporary files. */
export const SHARED_PLACES: readonly Place[] = parsePlaces("/tmp /var/tmp /private/tmp /private/var/tmp");

/** A path as its names, in lower case; the root is one empty name, a drive its own. */
export function splitPath(path: string): string[] {
  const names = path.toLowerCase().split(path.startsWith("/") ? "/" : /[/\\]/);
  return names.at(-1) === "" && names.length > 1 ? names.slice(0, -1) : names;
}

/** The homes there are, with the user's own. */
export function listHomes(homeDir: string | undefined): string[][] {
  const own = homeDir === undefined ? [] : splitPath(homeDir);
  // Services often have "/" for a home: nothing follows from that.
  return own.length < 2 ? USUAL_HOMES : [...USUAL_HOMES, own];
}

/** Whether a value lies in one of the places or covers one. */
export function touches(value: readonly string[], places: readonly Place[], homes: Homes): boolean {
  return places.some((place) => matches(value, place, homes, () => true));
}

/** Whether a value lies in one of the places. */
export function liesIn(value: readonly string[], places: readonly Place[], homes: Homes): boolean {
  return places.some((place) => matches(value, place, homes, (length) => value.length >= length));
}

/** Whether a value covers one of the places. */
export function encloses(value: readonly string[], places: readonly Place[], homes: Homes): boolean {
  return places.some((place) => matches(value, place, homes, (length) => value.length <= length));
}

function matches(
  value: readonly string[],
  { inHome, names }: Place,
  homes: Homes,
  isLength: (length: number) => boolean,
): boolean {
  if (!inHome) return isLength(names.length) && agree(value, names, 0);
  return homes.some((home) =>
    isLength(home.length + names.length) && agree(value, home, 0) && agree(value, names, home.length)
  );
}

/** Whether names agree, from a position of the value on, as far as both go. */
function agree(value: readonly string[], names: readonly string[], from: number): boolean {
  const length = Math.min(value.length - from, names.length);
  for (let index = 0; index < length; index++) {
    const name = names[index]!;
    const given = value[from + index]!;
    if (name !== given && name !== "*" && !(name === "?:" && /^[a-z]:$/.test(given))) return false;
  }
  return true;
}

/** Places divided by spaces; a space in a name is written as `~`. */
function parsePlaces(...lines: readonly string[]): Place[] {
  return lines.flatMap((line) => line.split(" ")).map((text) => {
    const inHome = text.startsWith("~");
    const path = (inHome ? text.slice(2) : text).replaceAll("~", " ");
    return { inHome, names: path === "" ? [] : inHome ? path.toLowerCase().split("/") : splitPath(path) };
  });
}
