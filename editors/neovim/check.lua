-- Drives the server as the built-in client of Neovim does: findings, hover, one quick fix, fix-all. Writes what it saw as JSON.
--
--   nvim --headless -u NONE -c "luafile check.lua"
--
-- with KLL_SERVER (the command, words separated by tabs), KLL_FILE (the file to open) and KLL_RESULT (where the JSON goes).

local WAIT = 60000

local seen = {}

local function finish()
  local out = assert(io.open(vim.env.KLL_RESULT, "w"))
  out:write(vim.fn.json_encode(seen))
  out:close()
  vim.cmd("qall!")
end

local function text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

local function request(client, buffer, method, params)
  local answer, problem = client.request_sync(method, params, WAIT, buffer)
  assert(answer, problem)
  assert(not answer.err, answer.err and answer.err.message)
  return answer.result
end

local function codes(buffer)
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(found, each.code or each.user_data.lsp.code)
  end
  table.sort(found)
  return found
end

local function actions(client, buffer, kind)
  local found = vim.diagnostic.get(buffer)[1]
  local diagnostics = {}
  for _, each in ipairs(vim.diagnostic.get(buffer, { lnum = found.lnum })) do
    -- Before 0.8 only a part of what the server sent is kept there.
    table.insert(diagnostics, each.user_data.lsp.range and each.user_data.lsp or nil)
  end
  if #diagnostics == 0 then
    diagnostics = vim.lsp.diagnostic.get_line_diagnostics(buffer, found.lnum)
  end
  local start = { line = found.lnum, character = found.col }
  return request(client, buffer, "textDocument/codeAction", {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = { start = start, ["end"] = start },
    context = { diagnostics = diagnostics, only = { kind } },
  })
end

local function apply(client, buffer, action)
  if not action.edit then
    action = request(client, buffer, "codeAction/resolve", action)
  end
  vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
end

local function main()
  vim.cmd("edit " .. vim.fn.fnameescape(vim.env.KLL_FILE))
  local buffer = vim.api.nvim_get_current_buf()
  local id = assert(vim.lsp.start_client({
    name = "keras-lambda-lint",
    cmd = vim.split(vim.env.KLL_SERVER, "\t"),
    root_dir = vim.fn.fnamemodify(vim.env.KLL_FILE, ":p:h"),
  }))
  vim.lsp.buf_attach_client(buffer, id)
  local client = vim.lsp.get_client_by_id(id)

  vim.wait(WAIT, function()
    return #vim.diagnostic.get(buffer) > 0
  end)
  seen.diagnostics = codes(buffer)
  local first = vim.diagnostic.get(buffer)[1]
  local hover = request(client, buffer, "textDocument/hover", {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    position = { line = first.lnum, character = first.col },
  })
  seen.hover = type(hover.contents) == "table" and hover.contents.value or hover.contents

  local titles, chosen = {}, nil
  for _, each in ipairs(actions(client, buffer, "quickfix")) do
    table.insert(titles, each.title)
    chosen = chosen or (not each.title:find("Disable") and each) or nil
  end
  seen.quickfixes = titles
  apply(client, buffer, chosen)
  seen.after_quickfix = text(buffer)

  vim.wait(WAIT, function()
    return #vim.diagnostic.get(buffer) ~= #seen.diagnostics
  end)
  seen.diagnostics_after_quickfix = codes(buffer)
  apply(client, buffer, actions(client, buffer, "source.fixAll.keras-lambda-lint")[1])
  vim.wait(WAIT, function()
    return #vim.diagnostic.get(buffer) == 0
  end)
  seen.after_fix_all = text(buffer)
  seen.diagnostics_after_fix_all = codes(buffer)
end

local fine, problem = pcall(main)
if not fine then
  seen.problem = tostring(problem)
end
finish()
