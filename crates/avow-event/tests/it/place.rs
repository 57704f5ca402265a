//! The table of places: what it holds, what it does not guess, what it refuses.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use avow_event::{Place, PlaceTable, Provider};

use crate::shared;

/// ISO 3166-1 alpha-2, the 249 officially assigned codes.
const ISO: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO \
    BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ \
    DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP \
    GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG \
    KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE \
    PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL \
    SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM \
    US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

fn codes() -> BTreeSet<&'static str> {
    ISO.split_whitespace().collect()
}

#[test]
fn every_code_is_assigned_in_iso_3166() {
    let (codes, table) = (codes(), PlaceTable::built_in());
    assert_eq!(codes.len(), 249);
    for (provider, region, place) in table.regions() {
        assert!(
            codes.contains(place.as_str()),
            "{} {region} {place}",
            provider.as_str()
        );
    }
    for name in table.group_names() {
        assert!(
            !codes.contains(name),
            "the group {name} is named like a code"
        );
        for place in table.group(name).unwrap() {
            assert!(codes.contains(place.as_str()), "{name} {place}");
        }
    }
}

#[test]
fn the_groups_have_the_members_of_the_treaties() {
    let table = PlaceTable::built_in();
    let members =
        |name| -> BTreeSet<Place> { table.group(name).unwrap().iter().copied().collect() };
    let (eu, eea) = (members("EU"), members("EEA"));
    assert_eq!((eu.len(), table.group("EU").unwrap().len()), (27, 27));
    let efta: Vec<String> = eea.difference(&eu).map(ToString::to_string).collect();
    assert_eq!(efta, ["IS", "LI", "NO"]);
    assert!(eu.is_subset(&eea));
    for outside in ["GB", "CH", "RE"] {
        assert!(!eea.contains(&Place::parse(outside).unwrap()), "{outside}");
    }
}

#[test]
fn names_resolve_and_none_is_guessed() {
    use Provider::{Alibaba, Aws, Azure, Google, Huawei, Tencent};
    let table = PlaceTable::built_in();
    for (provider, region, code) in [
        (Aws, "us-east-1", "US"),
        (Aws, "us-gov-west-1", "US"),
        (Aws, "cn-northwest-1", "CN"),
        (Aws, "ap-east-1", "HK"),
        (Aws, "ap-east-2", "TW"),
        (Alibaba, "cn-hangzhou", "CN"),
        (Alibaba, "cn-hongkong", "HK"),
        // One name, two providers, two countries.
        (Alibaba, "eu-west-1", "GB"),
        (Aws, "eu-west-1", "IE"),
        (Azure, "westeurope", "NL"),
        (Azure, "northeurope", "IE"),
        (Azure, "eastasia", "HK"),
        (Google, "asia-east1", "TW"),
        (Tencent, "ap-hongkong", "HK"),
        (Huawei, "ap-southeast-1", "HK"),
    ] {
        assert_eq!(table.place(provider, region).as_str(), code, "{region}");
    }
    for name in [
        "",
        "EU-WEST-1",
        "eu-west-99",
        "us-east-1 ",
        "us-east-1a",
        "us-east-1-bos-1a",
        "aws-global",
        "us-iso-east-1",
        "cn-north-2",
        "westeurope",
    ] {
        assert_eq!(table.place(Aws, name), Place::UNKNOWN, "{name}");
    }
    for name in ["West Europe", "westeuropeeuap", "europe", "global"] {
        assert_eq!(table.place(Azure, name), Place::UNKNOWN, "{name}");
    }
    assert_eq!(table.place(Google, "eu"), Place::UNKNOWN);
    assert_eq!(table.place(Google, "europe-west1-b"), Place::UNKNOWN);
}

#[test]
fn the_document_states_the_counts() {
    let table = PlaceTable::built_in();
    let mut text = format!(
        "Version `{}`.\n\n| provider | regions | jurisdictions |\n",
        table.version()
    );
    text.push_str("|---|---:|---:|\n");
    for provider in Provider::all() {
        let places: Vec<Place> = table
            .regions()
            .filter_map(|(of, _, place)| (of == provider).then_some(place))
            .collect();
        let distinct: BTreeSet<Place> = places.iter().copied().collect();
        let name = provider.as_str();
        writeln!(text, "| `{name}` | {} | {} |", places.len(), distinct.len()).unwrap();
    }
    let total = table.regions().count();
    writeln!(text, "| all | {total} | |").unwrap();
    shared::check_part("spec/places.md", "counts", &text);
}

#[test]
fn unknown_regions_in_real_trails_are_counted_as_expected() {
    let Some(folder) = shared::folder() else {
        return;
    };
    let table = PlaceTable::built_in();
    let mut sets = 0;
    for entry in std::fs::read_dir(folder.join("evidence/expected")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("cloudtrail.") {
            continue;
        }
        sets += 1;
        let expected: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let unknown: u64 = expected["events_per_region"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(region, _)| table.place(Provider::Aws, region) == Place::UNKNOWN)
            .map(|(_, count)| count.as_u64().unwrap())
            .sum();
        assert_eq!(Some(unknown), expected["unknown_region"].as_u64(), "{name}");
    }
    assert_eq!(sets, 8);
}

#[test]
fn a_table_with_a_mistake_is_refused_at_its_line() {
    for (text, message) in [
        ("", "place table, line 1: no `version` line"),
        ("aws\tx\tUS\ty\n", "place table, line 1: no `version` line"),
        (
            "version\t1\naws\tx\tUS\n",
            "place table, line 2: write `PROVIDER<tab>REGION<tab>CODE<tab>LOCATION`",
        ),
        (
            "version\t1\nversion\t2\n",
            "place table, line 2: write `PROVIDER<tab>REGION<tab>CODE<tab>LOCATION`",
        ),
        (
            "version\t1\nibm\tx\tUS\ty\n",
            "place table, line 2: no such provider",
        ),
        (
            "version\t1\naws\tx\tus\ty\n",
            "place table, line 2: no such jurisdiction code",
        ),
        (
            "version\t1\naws\tx\tUNKNOWN\ty\n",
            "place table, line 2: no such jurisdiction code",
        ),
        (
            "version\t1\n# c\naws\tx\tUS\ty\naws\tx\tUS\ty\n",
            "place table, line 4: this region is given twice",
        ),
        (
            "version\t1\ngroup\tG\tUS,\n",
            "place table, line 2: a group takes codes separated by commas",
        ),
        (
            "version\t1\ngroup\tG\tUS\ngroup\tG\tUS\n",
            "place table, line 3: this group is given twice",
        ),
    ] {
        assert_eq!(
            PlaceTable::parse(text).unwrap_err().to_string(),
            message,
            "{text:?}"
        );
    }
}

#[test]
fn the_digest_is_of_the_text() {
    let table = PlaceTable::built_in();
    let read = PlaceTable::parse(table.text()).unwrap();
    assert_eq!(read.digest(), table.digest());
    let other = PlaceTable::parse(&format!("{}# x\n", table.text())).unwrap();
    assert_ne!(other.digest(), table.digest());
}
