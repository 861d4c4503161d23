import { PythonExtension } from "@vscode/python-extension";
import * as vscode from "vscode";

const FALLBACK = process.platform === "win32" ? "python" : "python3";

/** Returns the command of the Python that has the linter: the setting, else the choice of the Python extension, else the one on the path. */
export async function interpreter(settings: vscode.WorkspaceConfiguration): Promise<string[]> {
  const chosen = settings.get<unknown>("interpreter");
  if (Array.isArray(chosen) && chosen.length > 0 && chosen.every((part) => typeof part === "string")) {
    return chosen as string[];
  }
  const python = await pythonExtension();
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const environment = await python?.environments.resolveEnvironment(
    python.environments.getActiveEnvironmentPath(folder),
  );
  const path = environment?.executable.uri?.fsPath;
  return [path ?? FALLBACK];
}

/** Tells `changed` when another interpreter is chosen for the workspace. */
export async function onInterpreterChange(changed: () => void): Promise<vscode.Disposable | undefined> {
  const python = await pythonExtension();
  return python?.environments.onDidChangeActiveEnvironmentPath(changed);
}

async function pythonExtension(): Promise<PythonExtension | undefined> {
  return vscode.extensions.getExtension("ms-python.python") ? PythonExtension.api() : undefined;
}
