-- Requests as visitors make them: a code out of so many, an address of its own (as a proxy in front tells it), an agent.
-- LINKS: how many codes there are; ORDER=walk asks for each once, in order.
local links, walk = tonumber(os.getenv("LINKS")), os.getenv("ORDER") == "walk"
local agents = {
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
}
local number, random, format = 0, math.random, string.format

function init(args)
  math.randomseed(os.time())
end

function request()
  number = number + 1
  return format(
    "GET /%016d HTTP/1.1\r\nHost: s.example\r\nUser-Agent: %s\r\nAccept: text/html\r\nX-Forwarded-For: %d.%d.%d.%d\r\n\r\n",
    walk and (number % links) or random(0, links - 1),
    agents[number % 4 + 1],
    random(1, 223), random(0, 255), random(0, 255), random(1, 254)
  )
end
