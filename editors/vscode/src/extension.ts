import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient, State, TransportKind } from "vscode-languageclient/node";
import { interpreter, onInterpreterChange } from "./interpreter";

const ID = "keras-lambda-lint";
const NAME = "Keras Lambda Lint";
const MODULE = ["-m", "keras_lambda_lint"];
/** Settings that only a new server takes up; it asks for all others itself. */
const NEEDS_RESTART = ["interpreter"].map((key) => `${ID}.${key}`);
const SECONDS_TO_ANSWER = 30;

let client: LanguageClient | undefined;
/** Starts and stops one after the other, however fast they are asked for. */
let queue: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel(NAME, { log: true });
  const restart = (): Promise<void> => {
    queue = queue.then(() => started(log)).catch((error: unknown) => log.error(String(error)));
    return queue;
  };
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand(`${ID}.restart`, restart),
    vscode.commands.registerCommand(`${ID}.showLogs`, () => log.show()),
    vscode.commands.registerCommand(`${ID}.executeAutofix`, () => ask("applyFixAll")),
    vscode.commands.registerCommand(`${ID}.verifyLayer`, () => ask("verify")),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (NEEDS_RESTART.some((key) => event.affectsConfiguration(key))) {
        void restart();
      }
    }),
  );
  const watching = await onInterpreterChange(() => void restart());
  if (watching) {
    context.subscriptions.push(watching);
  }
  await restart();
}

export async function deactivate(): Promise<void> {
  await queue;
  await client?.dispose();
}

async function started(log: vscode.LogOutputChannel): Promise<void> {
  await client?.dispose();
  client = undefined;
  const command = await interpreter(vscode.workspace.getConfiguration(ID));
  const [python = "python3", ...before] = command;
  try {
    const run = promisify(execFile)(python, [...before, ...MODULE, "--version"], { timeout: SECONDS_TO_ANSWER * 1000 });
    log.info(`${(await run).stdout.trim()} of ${command.join(" ")}`);
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error));
    void tellHowToInstall(command);
    return;
  }
  const executable = {
    command: python,
    args: [...before, ...MODULE, "server"],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient(ID, NAME, executable, {
    documentSelector: [
      { scheme: "file", language: "python" },
      { scheme: "untitled", language: "python" },
      { scheme: "vscode-notebook-cell", language: "python" },
    ],
    outputChannel: log,
  });
  await client.start();
}

/** Asks the server for something about the text in the active editor. */
async function ask(what: string): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || client?.state !== State.Running) {
    void vscode.window.showWarningMessage(`${NAME}: the server is not running; see "${NAME}: Show logs".`);
    return;
  }
  const range = client.code2ProtocolConverter.asRange(editor.selection);
  await client.sendRequest("workspace/executeCommand", {
    command: `${ID}.${what}`,
    arguments: [client.code2ProtocolConverter.asUri(editor.document.uri), range],
  });
}

async function tellHowToInstall(command: string[]): Promise<void> {
  const install = "Open a terminal";
  const settings = "Choose another interpreter";
  const chosen = await vscode.window.showErrorMessage(
    `${NAME}: \`${command.join(" ")}\` has no keras-lambda-lint with its server.`,
    install,
    settings,
  );
  if (chosen === install) {
    const terminal = vscode.window.createTerminal(NAME);
    terminal.show();
    // Not run: which environment it goes into is for its owner to decide.
    terminal.sendText(`${command.join(" ")} -m pip install "keras-lambda-lint[server]"`, false);
  } else if (chosen === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", `${ID}.interpreter`);
  }
}
