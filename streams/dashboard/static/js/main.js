// Everything that the pages do by themselves. The server decides what they show.
import { decide } from "./decide.js";
import { follow } from "./follow.js";
import { ids } from "./ids.js";
import { keys } from "./keys.js";
import { look } from "./look.js";
import { select } from "./select.js";
import { map } from "./map.js";

look();
follow();
select();
keys();
ids();
decide();
map();
