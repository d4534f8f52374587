//! How the page looks, on a screen and on A4 paper; no colour carries meaning alone.

/// The style sheet.
pub const STYLE: &str = "\
body{font:16px/1.4 Arial,Helvetica,sans-serif;margin:1.5em;color:#111;max-width:70em}\
h1{font-size:1.5em;margin:0}h2{font-size:1.1em;margin:0 0 .3em}.who{font-size:1.2em;margin:.3em 0}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #555;padding:.35em .5em;text-align:left;vertical-align:top}\
tr.group th{background:#ddd;font-size:1.05em}tbody.stopped th[scope=row],tbody.ended th[scope=row]{text-decoration:line-through}\
td ul{margin:0;padding-left:1.1em}.grave{font-weight:bold}.gaps,.allergies{border:3px solid #a00;padding:.5em 1em;margin:.8em 0}\
.allergies{border-color:#555}section ul{margin:0}footer,small{color:#333}footer{margin-top:1em;font-size:.85em}\
@media print{@page{size:A4;margin:12mm}body{margin:0;font-size:11pt;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}}";
