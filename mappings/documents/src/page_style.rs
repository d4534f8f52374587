//! How a printed document looks, on a screen and on A4 paper; no colour carries meaning alone.

/// The style sheet: the first table's head, which names the person, stands on every printed page.
pub const STYLE: &str = "\
body{font:16px/1.4 Arial,Helvetica,sans-serif;margin:0;color:#111;background:#fff}\
.sheet{width:100%;max-width:75em;margin:0 auto;border-collapse:collapse}.sheet>thead>tr>td,.sheet>tbody>tr>td{padding:.3em 1em;border:0}\
.who{border-bottom:3px solid #111;padding:.4em 0;font-size:1.1em}.who dl{display:flex;flex-wrap:wrap;gap:.2em 1.6em;margin:0}\
.who div{display:inline-flex;gap:.4em}.who dt{font-weight:normal}.who dd{margin:0;font-weight:bold}\
h1{font-size:1.5em;margin:.4em 0}h2{font-size:1.2em;margin:1.1em 0 .3em;border-bottom:1px solid #555}h3{font-size:1.05em;margin:.8em 0 .2em}\
main table{border-collapse:collapse;width:100%;margin:.4em 0}main th,main td{border:1px solid #555;padding:.3em .5em;text-align:left;vertical-align:top}\
thead th{background:#e6e6e6}caption{text-align:left;font-weight:bold;padding:.3em 0}\
.mark{border:3px dashed #111;padding:.5em 1em;margin:.6em 0;font-weight:bold}.gaps{border:3px solid #a00;padding:.4em 1em;margin:.6em 0}\
.first{border:2px solid #111;padding:.1em 1em .6em;margin:.8em 0}.sender{border-left:4px solid #777;padding-left:.8em}\
ul{margin:.3em 0;padding-left:1.3em}p{margin:.3em 0}footer{margin-top:1.2em;border-top:1px solid #555;font-size:.9em}\
@media print{@page{size:A4;margin:12mm}body{font-size:10.5pt}.sheet{max-width:none}.sheet>thead{display:table-header-group}\
tr{break-inside:avoid}.sheet>tbody>tr{break-inside:auto}h2,h3,caption{break-after:avoid}}";
