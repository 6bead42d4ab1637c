-- Patterns, formats, comparison, iteration order of tables and sorting.
local lines = {}
local function add(...)
  local t = { ... }
  for i = 1, select('#', ...) do t[i] = tostring(t[i]) end
  lines[#lines + 1] = table.concat(t, ' ')
end
local subjects = { '', 'hello world', 'key:123:abc', 'a\0b', 'aaaa', 'THE (quick) fox', '[[x]]', '%d%%', '  trim  ', 'x=1,y=2,z=', ('ab'):rep(20) }
local patterns = { '', '.', '.-', '.*', 'a*', 'a-b', '^%s*(.-)%s*$', '(%w+)=(%w*)', '%b()', '%f[%w]%w+', '[^:]+', '[%a_][%w_]*', '()ll()', '(.)%1', '%d+', '[a-c%d]+', '[]]', '[^]]', '%%', '$', '^', '.$', '%z', 'a?b', '[%z]',
  '(', ')', '%', '[a', '%b', '%f', '(()', '%1', '[a-]', '[%', '((((.))))' }
for _, s in ipairs(subjects) do
  for _, p in ipairs(patterns) do
    add(s, p, pcall(string.find, s, p))
    add(pcall(string.match, s, p))
    add(pcall(string.gsub, s, p, '<%0>'))
    add(pcall(string.gsub, s, p, { a = 'A', hello = 'bye' }, 2))
    local found = {}
    pcall(function() for a, b in s:gmatch(p) do found[#found + 1] = tostring(a) .. '/' .. tostring(b) end end)
    add(table.concat(found, ';'))
  end
end
for _, f in ipairs({ '%5s|%-5s|%.2s|%5.1s', '%q', '%s', '%10.4f|%-10.2e|%+g|% d|%#x|%05d', '%99.99f', '%100d', '%y', '%', '%-+ #0d', '%-+ #0-d', '%c%c', '%.20s', '%i%%' }) do
  add(f, pcall(string.format, f, 'a\nb"\\\0\r', 3.14159, 12345.678, -7, 255, 42))
  add(f, pcall(string.format, f, 12, 3.14159, 12345.678, -7, 255, 42))
end
for _, a in ipairs({ 'a', 'b', 'A', '', 'a\0', 'a\0b', 'ab', '\128', '\255', 'é' }) do
  for _, b in ipairs({ 'a', 'b', 'A', '', 'a\0', 'a\0b', 'ab', '\128', '\255', 'é' }) do add(a < b, a <= b, a == b) end
end
add(('x'):upper(), ('Äé'):lower(), ('abc'):reverse(), ('abc'):byte(1, -1), #('x'):rep(1000), string.char(72, 105))
local seed = 42
local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648 return math.floor(seed / 65536) % n end
for round = 1, 20 do
  local t, order = {}, {}
  for i = 1, 50 do t['key:' .. random(1000) .. ('x'):rep(random(40))] = i t[random(1000) / 4] = i t[i] = i end
  for k in pairs(t) do order[#order + 1] = tostring(k) end
  add(round, table.concat(order, ','))
end
for n = 0, 60 do
  local numbers, words = {}, {}
  for i = 1, n do numbers[i] = random(100) words[i] = 'w' .. random(100) end
  table.sort(numbers)
  table.sort(words, function(a, b) return a > b end)
  add(table.concat(numbers, ','), table.concat(words, ','))
end
add(pcall(table.sort, { 3, 1, 'x' }), pcall(table.sort, { 3, 1, 2, 5, 4 }, function() return true end))
local list = { 1, 2, 3, nil, 5 }
add(#list, table.maxn({ [7.5] = 1, [3] = 2 }), table.concat({ 1, 2.5, 'x' }, '-'), pcall(table.concat, { 1, {}, 3 }))
for _, source in ipairs({ 'return', 'x =', 'for', 'return [[a', 'return "a', 'return "\\300"', 'local a <const> = 1', 'return 0x', 'return 1e', '--[[', 'return [==[x]==]', 'goto a', 'return ...', 'break', 'return "\\065\\10"', 'a.b:c = 1', 'return 3..4', ('x'):rep(300) }) do
  local f, e = loadstring(source)
  add(source:sub(1, 20), e or tostring(f and select(2, pcall(f))))
end
for _, x in ipairs({ 0.5, 1, 2, 10, 100.25, -3 }) do
  add(string.format('%.10g %.10g %.10g %.10g %.10g', math.sin(x), math.cos(x), math.exp(x), math.sqrt(math.abs(x)), math.log(math.abs(x))), x ^ 0.5, 2 ^ x, x % 3, -x % 3, math.fmod(x, 3))
end
return table.concat(lines, '\n')
