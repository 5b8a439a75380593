//! How fast X12 is read: the tokenizer alone, the sums of a remittance, and its rows to Parquet. `cargo bench --bench x12`.
//! `benches/era.py` times whole runs on a generated file of a gigabyte.

use std::fmt::Write;
use std::hint::black_box;

use allowable::ingest::x12::Reader;
use allowable::ingest::{Input, remits};
use allowable::project::Project;
use allowable::table::remits::RemitWriter;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// An invented remittance of some 16 MB in the proportions of real ones: claims of one to four lines, most of them paid.
fn remittance() -> Vec<u8> {
    let mut text = String::from(
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*PROVIDER       *260101*0800*^*00501*000000001*0*T*:~\n\
         GS*HP*PAYER*PROVIDER*20260101*0800*1*X*005010X221A1~\n",
    );
    for set in 1..=150 {
        let _ =
            write!(text, "ST*835*{set:04}~\nBPR*I*7900*C*ACH************20260105~\nTRN*1*EFT{set:07}*1990000000~\n");
        text.push_str("N1*PR*EXAMPLE HEALTH PLAN~\nREF*2U*99001~\nN1*PE*SYNTH CLINIC*XX*1999999984~\nLX*1~\n");
        for claim in 0..200 {
            let lines = 1 + claim % 4;
            let _ = writeln!(
                text,
                "CLP*ACCT{claim:08}*1*{}*{}*{}*12*ICN{set:05}{claim:09}*11*1~\nNM1*QC*1*PATIENT*TEST****MI*MEM{claim:08}~\n\
                 NM1*82*1*PROVIDER*TEST****XX*1999999984~\nDTM*050*20260101~",
                45 * lines,
                10 * lines,
                4 * lines
            );
            for line in 0..lines {
                let code = ["96372", "99213:25", "J1885", "96374"][line];
                let _ = writeln!(
                    text,
                    "SVC*HC:{code}*45*10**1~\nDTM*472*20251201~\nCAS*CO*45*31~\nCAS*PR*2*4~\nREF*6R*ACCT{claim:08}L{line}~\n\
                     AMT*B6*14~"
                );
            }
        }
        text.push_str("SE*1*0001~\n");
    }
    text.push_str("GE*150*1~\nIEA*1*000000001~\n");
    text.into_bytes()
}

fn x12(c: &mut Criterion) {
    let bytes = remittance();
    let project = Project::default();
    let mut group = c.benchmark_group("x12");
    group.throughput(Throughput::Bytes(bytes.len() as u64)).sample_size(20);
    group.bench_function("segments and elements", |b| {
        b.iter(|| {
            let mut reader = Reader::new(black_box(&bytes[..]));
            let mut elements = 0;
            while let Ok(Some(segment)) = reader.next() {
                elements += segment.len();
            }
            elements
        });
    });
    let inputs = || [Input::Bytes { name: "era.835".to_owned(), bytes: bytes.clone().into() }];
    let of_file = inputs();
    group.bench_function("835: sums and balances", |b| {
        b.iter(|| remits(black_box(&of_file), &project, 1, &|_| (), None).expect("sums need no place to go"));
    });
    group.bench_function("835: rows to Parquet, two threads", |b| {
        b.iter(|| {
            let mut writer = RemitWriter::new(std::io::sink(), std::io::sink()).expect("a sink takes all");
            let mut put = |rows| writer.put(rows);
            let files = remits(black_box(&of_file), &project, 1, &|_| (), Some(&mut put)).expect("a sink takes all");
            writer.finish().expect("a sink takes all");
            files
        });
    });
    group.finish();
}

criterion_group!(benches, x12);
criterion_main!(benches);
