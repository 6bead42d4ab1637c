-- Writes any values as text that leaves nothing out but addresses: it is put before scripts whose results have no reply of
-- their own (several values, fractions, functions). Comments are dropped and lines joined, so that line 1 stays line 1.
local show, fourteen
do
  local number = function(n)
    if n ~= n then return 'nan' end
    return string.format('%.17g', n)
  end
  local text = function(s)
    if #s > 400 then return '<' .. #s .. ' bytes ' .. string.format('%q', s:sub(1, 40)) .. '>' end
    return string.format('%q', s)
  end
  local value
  value = function(v, depth)
    local kind = type(v)
    if kind == 'string' then return text(v) end
    if kind == 'number' then return number(v) end
    if kind == 'nil' or kind == 'boolean' then return tostring(v) end
    if kind ~= 'table' then return kind end
    if depth > 6 then return '{...}' end
    local parts = {}
    for k, w in next, v do
      if #parts == 60 then parts[61] = '...' break end
      parts[#parts + 1] = '[' .. value(k, depth + 1) .. ']=' .. value(w, depth + 1)
    end
    return '{' .. table.concat(parts, ',') .. '}'
  end
  show = function(...)
    local parts = {}
    for i = 1, select('#', ...) do parts[i] = value((select(i, ...)), 0) end
    return '(' .. table.concat(parts, ', ') .. ')'
  end
  fourteen = function(f)
    return function(...)
      local n = f(...)
      return n ~= n and 'nan' or tostring(n)
    end
  end
end
