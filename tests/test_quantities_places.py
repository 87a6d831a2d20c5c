"""Where in a text an amount begins and ends: what stands in brackets is one amount, and nothing else is."""

import re

import pytest

from bot.quantities import read

PLACES = """
[1 g/kg] at my weight
[1 g/kg] in all
i am [45 years old], [70 kg]
i am [45 y/o], [70 kg]
[45 years of age], [70 kg]
[45yo] [70kg]
aged [45], [70 kg]
age: [45] and [70 kg]
[11 stone 4] and [1 g/kg]
[11st4lb], [1 g/kg]
[11 stone and 4], [1 g/kg]
[154 lb 8 oz] and [35 g]
[5'4"] and [70 kg]
[5 ft 4 in], [70 kg]
[5'4''] [70 kg]
[6]' tall, [70 kg]
[1m63] and [70 kg]
[1.63 m], [70 kg]
[5.4 ft] and [70 kg]
[60-70 kg] or so
between [60 and 70 kg] [today]
over [2 to 5 consecutive days]
[one fifty four pounds] then
a [hundred and fifty four pounds] then
[2 hundred and five lbs] then
[70 and a half kilos] then
[70 1/2 kg] then
[point four g per kg per day] for [5 days]
[1 g per kg of my body-weight a day] [x 5]
[0.4/kg/day] [x 5]
[0.4 per kilo] then
[80 a gram] then
[$98/g] then
[$800 per 10 grams] then
[45 € per gram] then
[us$98 each g] then
[98 us dollars a gram]
[$7k yearly] then
[$100 for each infusion] then
[7 thousand dollars] then
[q3w] then
[once every 4 weeks] then
[every other week] then
[every single day] then
[each 4-6 weeks] then
[per month] then
[four-weekly] then
[4 weekly] then
[twice a year] then
[5 times] then
[days 1-5] then
[x 5 full days] then
[x5d] then
[x 3 infusions] then
[5 consecutive days] then
[2 weeks ago] then
[3rd of november, 2026] then
[nov 3rd 2026] then
[nov. 3] then
[3-nov-2026] then
[3.11.2026] then
[2026-11-03] then
[11/03/2026] then
[11/03] then
[+44 7700 900123] then
[555-1234] then
[10:30] then
[120/80] then
[70² kg] then
[1_070 kg] then
[1.2.3 kg] then
[10 per cent] then
[10%] then
[10 pct] then
[100 mg per ml] then
i weigh [154] then
weight in kg: [70] then
[154] in weight then
[a gram per kilo] then
[one day] then
[half a gram per kilo]
[1 000 mg] then
the [21st] then
day [3] then
[ten point five kg] then
[30 kg/m][2] then
[2-5-day] course
[70-kg] man
[5 g]. [4 kg]
[seventy-five kg] then
[twelve stone twelve] then
minus [70 kg]
-[70 kg]
"""


@pytest.mark.parametrize("marked", PLACES.strip().splitlines())
def test_an_amount_takes_the_words_that_belong_to_it_and_no_more(marked: str) -> None:
    reading = read(re.sub(r"[\[\]]", "", marked))
    found = [reading.text[each.start : each.end].replace("¤", "²") for each in reading.found]

    assert found == re.findall(r"\[(.*?)\]", marked)


def test_every_amount_of_a_long_message_is_found_in_its_order() -> None:
    text = "i am 45 years old, 5 ft 4, 11 stone 4; on 3 nov 2026 i get 0.4 g/kg a day for 5 days, q4w, $98/g, 120 ml/h"
    kinds = [str(each.kind) for each in read(text).found]

    assert kinds == [
        "age", "length", "mass", "date", "mass_per_mass", "duration", "interval", "price", "volume_rate",
    ]  # fmt: skip
