-- Printing and reading numbers: random bit patterns, random decimals, and the borders of the fast paths.
local lines = {}
local seed = 12345
local function random(n) -- the same numbers everywhere, whatever math.random is
  seed = (seed * 1103515245 + 12345) % 2147483648
  return math.floor(seed / 65536) % n
end
local function show(x)
  local text = tostring(x)
  lines[#lines + 1] = text .. ' ' .. string.format('%.17g|%g|%e|%.3f|%5.1f|%.14g', x, x, x, x, x, x)
  lines[#lines + 1] = tostring(tonumber(text) == x)
end
local function bits()
  local b = {}
  for i = 1, 8 do b[i] = string.char(random(256)) end
  return (struct.unpack('<d', table.concat(b)))
end
for _ = 1, 2000 do show(bits()) end
for _ = 1, 3000 do
  local mantissa = random(32768) * 32768 + random(32768)
  local scale = 10 ^ (random(20) - 12)
  show(mantissa * scale)
  show(-mantissa / 10 ^ random(9))
  show(mantissa * 32768 + random(32768))
end
for e = -30, 30 do
  for _, m in ipairs({ 1, 9.99999999999994, 9.99999999999995, 9.99999999999996, 9.9999999999999, 5, 1.5, 99999999999999.5 / 1e13 }) do
    show(m * 10 ^ e)
  end
end
for e = -60, 62 do
  show(2 ^ e)
  show(2 ^ e + 1)
  show(2 ^ e - 1)
  show(-2 ^ e + 0.5)
end
for _, x in ipairs({ 0, -0, 0 / 0, -(0 / 0), 1 / 0, -1 / 0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308 }) do
  show(x)
end
local texts = {
  '0x10', '0X1F', '0x', '0x1p4', '0x1.8', '1e5', '1E+5', '1e', '1e+', '-1e-5', '.5', '5.', '.', '', ' ', ' 12 ', '12 x', '1_', '+5', '--5',
  '+-5', 'inf', '-inf', 'infinity', 'nan', '-nan', 'NAN', '1e400', '-1e400', '1e-400', '0e999', '00012', '1..2', '1.2.3', '\t7\n', '7\0', '1e5x',
  '123456789012345678901234567890', '0.1234567890123456789012345', '9007199254740993', '9007199254740992.5', '1e22', '1e23', '8.5e22',
  '179769313486231580793e289', '4.9406564584124654e-324', '2.4703282292062327e-324', '123456789.123456789e-10', '0x7fffffffffffffff',
}
for _, text in ipairs(texts) do
  lines[#lines + 1] = text .. ' -> ' .. tostring(tonumber(text))
end
for _ = 1, 4000 do
  local digits = {}
  for i = 1, 1 + random(22) do digits[i] = tostring(random(10)) end
  if random(3) > 0 then table.insert(digits, random(#digits) + 1, '.') end
  if random(2) > 0 then digits[#digits + 1] = 'e' .. tostring(random(60) - 30) end
  local text = table.concat(digits)
  lines[#lines + 1] = text .. ' -> ' .. string.format('%.17g', tonumber(text))
end
for base = 2, 36 do
  lines[#lines + 1] = tostring(tonumber('10', base)) .. tostring(tonumber('zz', base)) .. tostring(tonumber('-11', base))
end
return table.concat(lines, '\n')
