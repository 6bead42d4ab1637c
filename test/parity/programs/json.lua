-- cjson: numbers, escapes, nesting, sparse arrays, and errors with their positions.
local lines = {}
local function add(...)
  local t = { ... }
  for i = 1, select('#', ...) do t[i] = tostring(t[i]):gsub('userdata: .*', 'userdata') end
  lines[#lines + 1] = table.concat(t, ' ')
end
local function show(v, depth)
  if type(v) ~= 'table' then return type(v) == 'userdata' and 'null' or type(v) == 'number' and string.format('%.17g', v) or tostring(v) end
  if (depth or 0) > 3 then return '...' end
  local keys = {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  local out = {}
  for i, k in ipairs(keys) do out[i] = tostring(k) .. '=' .. show(v[k], (depth or 0) + 1) end
  return '{' .. table.concat(out, ',') .. '}'
end
local every = {}
for c = 0, 255 do every[#every + 1] = string.char(c) end
add(cjson.encode(table.concat(every)))
for _, v in ipairs({ 0, -0, 1, -1, 1.5, 1 / 3, 1e15, 1e14, 123456789012345, 2 ^ 53, 2 ^ 63, 1e300, 1e-300, 5e-324, 0.1, 1e-5, 100, 1e21 }) do add(cjson.encode({ v }), pcall(cjson.encode, v)) end
for _, v in ipairs({ 1 / 0, -1 / 0, 0 / 0 }) do add(pcall(cjson.encode, v)) end
for _, t in ipairs({ {}, { 1, 2, 3 }, { a = 1 }, { [1] = 1, [2] = 2, [4] = 4 }, { [1] = 1, [12] = 1 }, { [1000] = 1 }, { [1.5] = 1 }, { [-1] = 1 }, { [0] = 1 }, { { {} } }, { [2 ^ 40] = 1 }, { true, false, cjson.null } }) do
  add(pcall(cjson.encode, t))
end
add(pcall(cjson.encode, tostring), pcall(cjson.encode, { [true] = 1 }), pcall(cjson.encode), pcall(cjson.encode, 1, 2))
local function deep(n) local t = 1 for _ = 1, n do t = { t } end return t end
for _, n in ipairs({ 1, 10, 100, 999, 1000 }) do local ok, s = pcall(cjson.encode, deep(n)) add(n, ok, ok and #s or s) end
for _, n in ipairs({ 1, 10, 999, 1000, 1001, 2000 }) do local ok, s = pcall(cjson.decode, string.rep('[', n) .. string.rep(']', n)) add(n, ok, ok and type(s) or s) end
for _, s in ipairs({ '[]', '{}', '[1,2,3]', '{"a":{"b":[null,true,false]}}', '"\\u00e9\\ud83d\\ude00\\n\\/"', '"\\ud83d"', '"\\u12"', '"\\x"', '"abc', '[1,', '[1 2]', '{"a" 1}', '{a:1}', '{"a":1,}', 'nul', 'nan', 'inf', '-',
  '01', '1.5e3', '1e400', '0x10', '+1', '.5', '5.', '1e', '  7  ', '7 8', '[12345678901234567890,0.1e-2,1E5,-0]', '', '\0', 'a\0b', '\239\187\191[]', '{"a":1,"a":2}', '["\1"]', '[' .. string.rep('1,', 500) .. '1]' }) do
  local ok, v = pcall(cjson.decode, s)
  add(s:sub(1, 60), ok, ok and show(v) or v)
end
for _, digits in ipairs({ 1, 5, 14 }) do
  cjson.encode_number_precision(digits)
  add(digits, cjson.encode({ 1 / 3, 12345.6789, 1e20, 0.1 }))
end
cjson.encode_number_precision(14)
cjson.encode_sparse_array(true)
add(cjson.encode({ [1] = 1, [1000] = 2 }))
cjson.encode_sparse_array(false, 0, 10)
add(#cjson.encode({ [1] = 1, [1000] = 2 }))
cjson.encode_sparse_array(false, 2, 10)
cjson.encode_max_depth(3)
add(pcall(cjson.encode, deep(4)))
cjson.encode_max_depth(1000)
cjson.decode_max_depth(3)
add(pcall(cjson.decode, '[[[[1]]]]'))
cjson.decode_max_depth(1000)
cjson.encode_invalid_numbers('null')
add(cjson.encode({ 1 / 0, 0 / 0 }))
cjson.encode_invalid_numbers(false)
return table.concat(lines, '\n')
