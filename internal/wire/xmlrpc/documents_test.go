package xmlrpc_test

import "strings"

// documents are calls of every kind, good ones and bad ones.
func documents() []string {
	var docs []string
	for _, v := range values {
		docs = append(docs, call("<params><param>"+v+"</param></params>"))
	}
	return append(docs, wholes...)
}

func call(inside string) string {
	return "<?xml version='1.0'?>\n<methodCall>\n<methodName>supervisor.x</methodName>\n" + inside + "</methodCall>\n"
}

var values = []string{
	"<value><int>5</int></value>", "<value><i4>-7</i4></value>", "<value><int> \n5\t</int></value>", "<value><int>+0_1</int></value>",
	"<value><int>1__0</int></value>", "<value><int>_1</int></value>", "<value><int>1_</int></value>", "<value><int>0x10</int></value>",
	"<value><int>٣٤</int></value>", "<value><int>\u00a07\u2003</int></value>", "<value><int>123456789012345678901234567890</int></value>",
	"<value><int>-123456789012345678901234567890</int></value>", "<value><int>" + strings.Repeat("1", 4300) + "</int></value>",
	"<value><int>" + strings.Repeat("1", 4301) + "</int></value>", "<value><int>--1</int></value>", "<value><int>1.0</int></value>",
	"<value><int/></value>", "<value><int></int></value>", "<value><int>5<x/></int></value>", "<value><int><x/>5</int></value>", "<value><int>𝟗</int></value>",
	"<value><i8>12</i8></value>", "<value><nil/></value>", "<value><ex:nil/></value>", "<value><boolean>1</boolean></value>",
	"<value><boolean>true</boolean></value>", "<value><boolean> 1</boolean></value>", "<value><boolean/></value>",
	"<value><string>a &lt;b&gt; &amp; &#65;&#x42;&quot;&apos;</string></value>", "<value><string/></value>", "<value> spaces kept </value>",
	"<value/>", "<value></value>", "<value>text<int>1</int>tail</value>", "<value><int>1</int><int>2</int></value>", "<value>a\r\nb\rc\nd&#13;e</value>",
	"<value><string>a<!-- c -->b<?pi x?>c<![CDATA[<&>\r\n]]>d</string></value>", "<value><![CDATA[]]></value>", "<value><x><![CDATA[]]></x></value>",
	"<value><double>1.5</double></value>", "<value><double>5.9e3</double></value>", "<value><double>1e999</double></value>", "<value><double>-INF</double></value>",
	"<value><double>1_0.5_0</double></value>", "<value><double>1_.5</double></value>", "<value><double>0x1p3</double></value>", "<value><double>infinity</double></value>",
	"<value><double>.5</double></value>", "<value><double>5.</double></value>", "<value><double>.</double></value>", "<value><double>1e</double></value>",
	"<value><double>infinit</double></value>", "<value><double/></value>", "<value><double>٣.٥</double></value>", "<value><double>1e_5</double></value>",
	"<value><dateTime.iso8601>20240131T10:20:30</dateTime.iso8601></value>", "<value><dateTime.iso8601>20240231T10:20:30</dateTime.iso8601></value>",
	"<value><dateTime.iso8601>202411T1:2:3</dateTime.iso8601></value>", "<value><dateTime.iso8601>20240131t10:20:60</dateTime.iso8601></value>",
	"<value><dateTime.iso8601>20240131T10:20:30 </dateTime.iso8601></value>", "<value><dateTime.iso8601>00000131T10:20:30</dateTime.iso8601></value>",
	"<value><dateTime.iso8601>20240229T1:20:30</dateTime.iso8601></value>", "<value><dateTime.iso8601>20230229T1:20:30</dateTime.iso8601></value>",
	"<value><dateTime.iso8601>202401 1T1:20:30</dateTime.iso8601></value>", "<value><dateTime.iso8601>٢٠٢٤0131T10:20:30</dateTime.iso8601></value>", "<value><dateTime.iso8601/></value>",
	"<value><base64>aGVsbG8=</base64></value>", "<value><base64>aGVs\nbG8</base64></value>", "<value><base64>aGVsbG8=!!more</base64></value>", "<value><base64>a</base64></value>",
	"<value><base64>////</base64></value>", "<value><base64>w6k=</base64></value>", "<value><base64/></value>", "<value><base64>=</base64></value>", "<value><base64>ab=é=</base64></value>",
	"<value><base64>ab=c</base64></value>", "<value><base64>AAECAw==</base64></value>", "<value><base64>YQ==YQ==</base64></value>",
	"<value><array><data><value>a</value><value><int>1</int></value></data></array></value>", "<value><array/></value>", "<value><array><data/></array></value>",
	"<value><array>\n<data>\n</data></array></value>", "<value><array><value>a</value></array></value>", "<value><array><x>q</x></array></value>", "<value><data><x/><int>1</int>t</data></value>",
	"<value><struct><member><name>a</name><value><int>1</int></value></member><member><name>b</name><value/></member></struct></value>", "<value><struct/></value>",
	"<value><struct><member><name>a</name></member></struct></value>", "<value><struct><member><name/><value>v</value></member></struct></value>",
	"<value><struct><member><value>v</value><name>a</name></member></struct></value>", "<value><struct><member><name>a</name><value/><x/></member></struct></value>",
	"<value><struct><member><name>a</name><value>1</value></member><member><name>b</name><value>2</value></member><member><name>a</name><value>3</value></member></struct></value>",
	"<value><struct><value>v</value></struct></value>", "<value><struct><string/></struct></value>", "<value><struct><params><x>k</x><y>v</y></params></struct></value>",
	"<value><struct><methodName><x>k</x><y>v</y></methodName></struct></value>", "<value><struct><member><data/><value>v</value></member></struct></value>",
	"<value><struct><member><data><x/></data><value>v</value></member></struct></value>", "<value><struct><member><int>0</int><value>v</value></member></struct></value>",
	"<int>5</int>", "<x>text</x>", "text", "<value>a</value><value>b</value>", "<value xml:space='preserve' a='b'>x</value>", "<value a='1' a='2'>x</value>",
	"<value xmlns='urn:x'>x</value>", "<value xmlns=''>x</value>", "<p:value xmlns:p='u'>x</p:value>", "<p:value>x</p:value>", "<xml:value>x</xml:value>", "<x xmlns='u'><value xmlns=''>x</value></x>",
	"<value xmlns:p=''>x</value>", "<value xmlns:xmlns='u'/>", "<value xmlns:xml='u'/>", "<value xmlns:a='u' xmlns:b='u' a:x='1' b:x='2'/>", "<value xmlns:a='u}v'/>",
	"<value xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", "<value xmlns='http://www.w3.org/XML/1998/namespace'/>", "<value p:a='1'/>", "<value xmlns:a='&#117;' a:x=''/>",
	"<value a='x&lt;y'>x</value>", "<value a='x<y'>x</value>", "<value a='&undefined;'/>", "<value a=x/>", "<value a/>", "<value a='1'b='2'/>", "<value a = '1' >x</value >", "<value a=''/ >",
	"<string>&undefined;</string>", "<string>&#0;</string>", "<string>&#xFFFE;</string>", "<string>&#xD800;</string>", "<string>&#x110000;</string>", "<string>&#;</string>", "<string>&#x;</string>",
	"<string>&#+5;</string>", "<string>&#xg;</string>", "<string>& </string>", "<string>&amp</string>", "<string>a]]>b</string>", "<string>a]] >b]]</string>", "<string>\x01</string>",
	"<string>\x7f\u0085\u2028</string>", "<string>\uFFFE</string>", "<string>\uFFFD\U0001FFFE</string>", "<string>&#00000000065;</string>", "<string>&#X41;</string>",
	"<string><!-- a -- b --></string>", "<string><!-- a ---></string>", "<string><!----></string>", "<string><!---></string>", "<string><?xml x?></string>", "<string><?XML x?></string>",
	"<string><?xmlx?></string>", "<string><?a?></string>", "<string><?a:b?></string>", "<string><?a??></string>", "<string><? a?></string>", "<string><![CDATA[ ]]]]></string>", "<string><![cdata[]]></string>",
	"<a:b:c/>", "<:a/>", "<a:/>", "<1/>", "<-a/>", "<a.-1/>", "< a/>", "<a></ a>", "<a></a\n>", "<é>x</é>",
}

var wholes = []string{
	"", " ", "x", "<a/>", "<methodCall/>", "<methodCall><methodName/></methodCall>", "<methodCall><methodName> a.b </methodName></methodCall>",
	"<methodName>a</methodName>", "<x><methodName>a</methodName><methodName>b</methodName></x>", "<x><y><methodName>a<z/>b</methodName></y></x>", "<x><methodName>a</methodName><methodName/></x>",
	call(""), call("<params/>"), call("<params><param/></params>"), call("<params>text</params>"), call("<params><param><value>1</value></param></params><params><param><value>2</value></param></params>"),
	call("<params><value>bare</value><x/><int>4</int></params>"), "<params><param><value>1</value></param></params>",
	"\uFEFF" + call(""), "\n" + call(""), " <a/>", "<?xml version='1.0' encoding='klingon'?><a><methodName>é</methodName></a>",
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><a><methodName>m</methodName></a>", "<?xml version='1.0' standalone='maybe'?><methodName>m</methodName>",
	"<?xml?><methodName>m</methodName>", "<?xml encoding='utf-8'?><methodName>m</methodName>", "<?xml version='9' ?><methodName>m</methodName>", "<?xml version=''?><methodName>m</methodName>",
	"<?xml version='1.0'encoding='a'?><methodName>m</methodName>", "<?xml version='1.0' encoding='1a'?><methodName>m</methodName>", "<?xml version = '1.0'\n?><methodName>m</methodName>",
	"<?xml version='1 0'?><methodName>m</methodName>", "<?xml version='1.0' standalone='no' encoding='a'?><methodName>m</methodName>",
	"<?xml-style x?><methodName>m</methodName>", "<!-- c --><?p?><methodName>m</methodName><!-- d --> <?q?>\n", "<methodName>m</methodName>x", "<methodName>m</methodName><a/>", "<methodName>m</methodName>&amp;",
	"<methodName>m</methodName", "<methodName>m</methodNam>", "<methodName>m", "<methodName", "<", "</a>", "<a><b></a></b>", "<![CDATA[x]]>", "<a/><!-- x --", "<a/><?xml version='1.0'?>",
	doctype("", "m"), doctype("<!ENTITY e 'hello'>", "&e;"), doctype("<!ENTITY e 'x&f;y'><!ENTITY f '&#60;!-- c -->z'>", "&e;"), doctype("<!ENTITY e '&e;'>", "&e;"), doctype("<!ENTITY e '&f;'><!ENTITY f '&e;'>", "a"),
	doctype("<!ENTITY e '&f;'><!ENTITY f '&e;'>", "&e;"), doctype("<!ENTITY e '<b>'>", "&e;</b>"), doctype("<!ENTITY e '</methodName>'>", "&e;"), doctype("<!ENTITY e '<b>x</b>'>", "a&e;"), doctype("<!ENTITY e '<b'>", "&e;>"),
	doctype("<!ENTITY e SYSTEM 'file:///etc/passwd'>", "&e;"), doctype("<!ENTITY e SYSTEM 'file:///etc/passwd'>", "m"), doctype("<!ENTITY e PUBLIC 'p' 's'>", "m"), doctype("<!ENTITY e PUBLIC 'p{' 's'>", "m"),
	doctype("<!ENTITY e SYSTEM 'x' NDATA n>", "m"), doctype("<!ENTITY e 'a'><!ENTITY e 'b'>", "&e;"), doctype("<!ENTITY lt '&#38;#60;'>", "&lt;"), doctype("<!ENTITY e 'a\r\nb&#13;c'>", "&e;"), doctype("<!ENTITY e ''>", "&e;"),
	doctype("<!ENTITY e 'a&b'>", "&e;"), doctype("<!ENTITY e 'a&#0;b'>", "m"), doctype("<!ENTITY e'x'>", "m"), doctype("<!ENTITY e>", "m"), doctype("<!ENTITY e 'x' y>", "m"), doctype("<!entity e 'x'>", "m"), doctype("<!ENTITY e 'a]]b'>", "&e;"),
	doctype("<!ENTITY e '&#38;#65;'>", "&e;"), doctype("<!ENTITY e ']]>'>", "&e;"), doctype("<!ENTITY e ']'>", "&e;]>"), doctype("<!ENTITY e 'x'>", "<b a='&e;'/>m"), doctype("<!ENTITY e '<'>", "<b a='&e;'/>m"), doctype("<!ENTITY e '&#60;'>", "<b a='&e;'/>m"),
	doctype("<!ENTITY e 'u'>", "m<b xmlns='&e;'/>"), doctype("<!ELEMENT a ANY><!-- c --><?p?><!NOTATION n SYSTEM 'x'>", "m"), doctype("<!ELEMENT a (b,c)*>", "m"), doctype("junk", "m"), doctype("<!ELEMENT", "m"),
	doctype("<!ENTITY e '&f;'>", "&e;"), doctype("<!ENTITY e '&f;'>", "m"), doctype("<!ENTITY a:b 'x'>", "m"),
	"<!DOCTYPE a><a><methodName>m</methodName></a>", "<!DOCTYPE a SYSTEM 'x.dtd'><a><methodName>m</methodName></a>", "<!DOCTYPE a SYSTEM 'x.dtd'><a><methodName>&m;</methodName></a>",
	"<!DOCTYPE a PUBLIC 'p' \"x.dtd\" [ ] ><a><methodName>m</methodName></a>", "<!DOCTYPE><a/>", "<!DOCTYPE a><!DOCTYPE a><methodName>m</methodName>", "<methodName>m</methodName><!DOCTYPE a>", "<!doctype a><methodName>m</methodName>",
	"<!DOCTYPE a:b><methodName>m</methodName>", "<!DOCTYPE a PUBLIC 'p'><methodName>m</methodName>", "<!DOCTYPE a SYSTEM><methodName>m</methodName>", "<!DOCTYPE a []><methodName>m</methodName>", "<!DOCTYPE a[]><methodName>m</methodName>",
}

func doctype(subset, name string) string {
	return "<!DOCTYPE methodCall [" + subset + "]>\n<methodCall><methodName>" + name + "</methodName></methodCall>"
}
