import { featuresContract, labelContract, predictionContract, Ids } from "./dist/index.js";
const now=Date.now();
const F=10;
const ids=(n)=>Ids.of(Array.from({length:n},(_,i)=>`diabetes-${i}-000${i%7}`));
const col=(n)=>Float64Array.from({length:n},(_,i)=>Math.round(i*37.77%1000)/7);
const feats=(n)=>({ids:ids(n),columns:new Map(Array.from({length:F},(_,f)=>[`feature_${f}`,col(n)]))});
const del=(m)=>{ const b=Buffer.alloc(m.body.length+3); m.body.copy(b,3); return {body:b.subarray(3),contentType:m.contentType,type:m.type,messageId:"x",appId:"a",timestamp:now,headers:m.headers,source:{exchange:"rows",routingKey:"a",queue:"q"},returns:0}; };
function time(f,ms=400){ for(let i=0;i<200;i++)f(); const t0=performance.now(); const all=[]; while(performance.now()-t0<ms){ const a=performance.now(); for(let k=0;k<5;k++) f(); all.push((performance.now()-a)/5*1000);} all.sort((a,b)=>a-b); return all[Math.floor(all.length*0.25)]; }
const rows=[];
for (const [name,c,make] of [["features",featuresContract,feats],["y_true",labelContract,n=>({ids:ids(n),y_true:col(n)})],["y_pred",predictionContract,n=>({ids:ids(n),y_pred:col(n),model:"linear@1"})]])
 for (const [fmt,n] of [["json",1],["json",256],["arrow",1],["arrow",256],["arrow",2048],["arrow",8192]]) {
  const frame=make(n); const m=c.write(frame,fmt,now); const d=del(m);
  const fresh=()=>{ c.write({...frame,ids:new Ids(frame.ids.bytes,frame.ids.offsets)},fmt,now); };
  rows.push({what:name,fmt,n,bytes:m.body.length,decode_us:+time(()=>c.read(d)).toFixed(1),encode_us:+time(fresh).toFixed(1)});
 }
console.table(rows);
