use super::radius::Radius;
use super::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A made scene: blobs of light on a ground, the same on every machine.
fn scene(seed: u64, width: u32, height: u32) -> Luma {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut lights = Vec::new();
    for _ in 0..24 {
        let [x, y, power] = [0, 0, 0].map(|_: u32| i64::from(random.next_u32() % 1000));
        lights.push((x, y, power - 500));
    }
    let at = |x: u32, y: u32| {
        let (x, y) = (
            i64::from(x) * 1000 / i64::from(width),
            i64::from(y) * 1000 / i64::from(height),
        );
        let light = |(lx, ly, power): &(i64, i64, i64)| power * 20_000 / (20_000 + (x - lx).pow(2) + (y - ly).pow(2));
        u8::try_from((128 + lights.iter().map(light).sum::<i64>() / 6).clamp(0, 255)).unwrap()
    };
    let pixels = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| at(x, y))
        .collect();
    Luma::new(width, height, pixels).unwrap()
}

/// Whole picture, five crops, five mirrors.
const KNOWN: [&str; 11] = [
    "000380078007004f180f1c7c1c7c387cf8fcf0fcf0f8f9f0ffe0fff0fff0fff0",
    "0103676ececefcfc",
    "0103666ececefcfc",
    "0101676ecfcefcfc",
    "010167e7cfcefcfc",
    "0101e7e7cfcefefc",
    "7f3f19898c8cc0c0",
    "7f3f19898c8cc0c0",
    "7f7f19890c8cc0c0",
    "7f7f19080c8cc0c0",
    "7f7f18080c8c80c0",
];

/// These values stand in signed records: a change of any of them is a new algorithm with a new name.
#[test]
fn the_hashes_of_a_known_picture_never_change() {
    let hashes = picture(&scene(7, 640, 480));
    assert_eq!(ALGORITHM, "grid-dhash/1");
    let crops = hashes.crops.iter().chain(&hashes.mirrors).map(ToString::to_string);
    let told = [format!("{:?}", hashes.whole)]
        .into_iter()
        .chain(crops)
        .collect::<Vec<_>>();
    assert_eq!(told, KNOWN);
}

#[test]
fn averaging_is_exact_also_between_pixels() {
    let three = Luma::new(3, 1, vec![0, 90, 240]).unwrap();
    // half of the middle pixel belongs to each side
    assert_eq!(three.averaged(2, 1).pixels(), [30, 190]);
    assert_eq!(three.averaged(1, 1).pixels(), [110]);
    assert_eq!(
        three.averaged(6, 2).pixels(),
        [0, 0, 90, 90, 240, 240, 0, 0, 90, 90, 240, 240]
    );
    assert_eq!(three.averaged(3, 1), three);
}

#[test]
fn averaging_does_not_know_left_from_right() {
    let picture = scene(1, 301, 77);
    assert_eq!(picture.mirrored().averaged(9, 8), picture.averaged(9, 8).mirrored());
}

#[test]
fn size_does_not_matter_and_another_scene_does() {
    let small = picture(&scene(3, 320, 240));
    assert!(picture(&scene(3, 1280, 960)).whole.distance(&small.whole) <= 8);
    assert!(picture(&scene(4, 320, 240)).whole.distance(&small.whole) > SAME_PICTURE);
}

#[test]
fn a_mirrored_and_a_cropped_copy_are_found_as_similar() {
    let original = scene(5, 512, 384);
    let mut index = ReuseIndex::default();
    index.push(&picture(&scene(6, 512, 384)));
    index.push(&picture(&original));
    for copy in [
        original.mirrored(),
        original.cropped(20),
        original.cropped(20).mirrored(),
    ] {
        let found: Vec<u32> = index.similar(&picture(&copy)).iter().map(|(n, _)| *n).collect();
        assert!(found.contains(&1) && !found.contains(&0), "{found:?}");
    }
}

#[test]
fn measures_have_the_values_of_their_definitions() {
    let board = Luma::new(4, 4, [0, 200].repeat(8)).unwrap();
    assert_eq!(
        (board.mean_hundredths(), board.deviation_hundredths()),
        (10_000, 10_000)
    );
    let flat = Luma::new(5, 5, vec![77; 25]).unwrap();
    assert_eq!(
        (
            flat.mean_hundredths(),
            flat.deviation_hundredths(),
            flat.sharpness_hundredths()
        ),
        (7_700, 0, 0)
    );
    // one inner row of 0 200 0 200: Laplacians -400 and 400
    let stripes = Luma::new(4, 3, [0, 200].repeat(6)).unwrap();
    assert_eq!(stripes.sharpness_hundredths(), 16_000_000);
    assert_eq!(Luma::new(2, 2, vec![1; 4]).unwrap().sharpness_hundredths(), 0);
}

#[test]
fn a_plane_without_its_pixels_is_refused() {
    assert!(Luma::new(2, 2, vec![0; 3]).is_err());
    assert!(Luma::new(0, 2, Vec::new()).is_err());
    assert!(Luma::from_rgb(1, 1, &[1, 2]).is_err());
    assert!(Luma::new(u32::MAX, u32::MAX, vec![0; 3]).is_err());
}

/// The index finds exactly what looking at every hash finds, before and after sorting.
#[test]
fn the_index_finds_what_looking_at_all_finds() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut word = move || random.next_u64();
    let mut hashes: Vec<[u64; 4]> = Vec::new();
    for n in 0..6_000_usize {
        let fresh = [word(), word(), word(), word()];
        // every second one lies near an earlier one, at distances around the radius
        let hash = match hashes.get(n / 2).filter(|_| n % 2 == 1) {
            Some(near) => {
                let mut near = *near;
                for _ in 0..16 + word() % 16 {
                    let bit = word() % 256;
                    near[(bit / 64) as usize] ^= 1 << (bit % 64);
                }
                near
            }
            None => fresh,
        };
        hashes.push(hash);
    }
    let mut index = Radius::<4>::default();
    hashes.iter().for_each(|h| index.push(*h));
    let mut hits = 0;
    for hash in hashes.iter().step_by(7) {
        let away = |other: &[u64; 4]| Hash256(*hash).distance(&Hash256(*other));
        let all: Vec<(u32, u32)> = (0..)
            .zip(&hashes)
            .map(|(n, h)| (n, away(h)))
            .filter(|(_, d)| *d <= 24)
            .collect();
        assert_eq!(index.find(hash, 24), all);
        hits += all.len();
    }
    assert!(hits > 900, "the test must have near pairs, it has {hits}");
    index.sort();
    assert_eq!(index.find(&hashes[5], 24).iter().filter(|(n, _)| *n == 5).count(), 1);
}
